import { STACK_PHASES, type StackPhase } from "./phases.ts";

/**
 * Why a stack can't go from one phase to another; undefined when it can. It goes forward a phase at a time: what lies
 * between would be called done, though nobody did it. Back it would be a downgrade, which no recipe promises.
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
  const start = from === undefined ? -1 : at(from);
  if (at(to) < start && planned.some((phase) => at(phase) > at(to) && at(phase) <= start)) {
    return `the stack is at phase ${from} and can't go back to ${to}: destroy it, and start anew with install`;
  }
  const [next] = planned.filter((phase) => at(phase) > start && at(phase) < at(to));
  if (next === undefined) return undefined;
  const where = from === undefined ? "the stack is new" : `the stack is at phase ${from}`;
  return `${where}, and ${next} comes before ${to}: set phase ${next} and up, then go on from there`;
}
