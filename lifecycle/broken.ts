import { failureOf } from "../checks/recorder.ts";
import { STACK_PHASES } from "../stacks/phases.ts";
import type { PhaseLog } from "./phase-log.ts";
import type { Session } from "./session.ts";

/** Nothing before the teardown is meant to throw; whatever does must not keep that from happening. */
export async function broken({ args: { signal }, log, recorder }: Session, error: unknown): Promise<void> {
  await recorder.fail({ name: "run.machinery", title: "The machinery works" }, failureOf(error, signal), signal);
  log.end();
  restNotRun(log, "the machinery failed");
}

/** Says of all phases that have not begun why they won't. */
export function restNotRun(log: PhaseLog, reason: string): void {
  const missing = STACK_PHASES.filter((name) => !log.phases.some((phase) => phase.name === name));
  for (const name of missing) log.notRun(name, reason);
}
