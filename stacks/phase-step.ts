import { STACK_PHASES, type StackPhase } from "./phases.ts";

/**
 * Why a stack can't go from one phase to another; undefined when it can. Forward it does all that lies between, in
 * the graph's order; but an upgrade needs a base that was installed before. Back it would be a downgrade, which no
 * recipe promises.
 *
 * @param from undefined for a new stack
 * @param planned the phases that are not left out, in their order
 */
export function stepRefusal(
  from: StackPhase | undefined,
  to: StackPhase,
  planned: readonly StackPhase[],
): string | undefined {
  const at = (phase: StackPhase) => STACK_PHASES.indexOf(phase);
  if (from === undefined) {
    if (!planned.includes("upgrade") || at(to) < at("upgrade")) return undefined;
    return `the stack is new, and an upgrade starts from an app that runs: set phase install and up, then ${to}`;
  }
  if (at(to) >= at(from) || !planned.some((phase) => at(phase) > at(to) && at(phase) <= at(from))) return undefined;
  return `the stack is at phase ${from} and can't go back to ${to}: destroy it, and start anew with install`;
}
