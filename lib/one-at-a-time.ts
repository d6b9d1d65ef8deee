import type { Duration } from "./duration.ts";
import { withLock } from "./lock.ts";
import { type OnStep, type RunningStep, startStep } from "./step.ts";

export interface TurnOptions {
  /** What is worked on, a noun phrase: others that would work on it wait. */
  name: string;
  /** Title of the step that is shown while another process is at it. */
  title: string;
  /** What that process is doing, after "which is", e.g. `making it`. */
  doing: string;
  /** Longest wait. */
  deadline: Duration;
  onStep: OnStep;
  signal?: AbortSignal;
}

/**
 * Does `work` in one process at a time: a second one says whom it waits for, and then does it as well, so that it has
 * to look whether everything is done.
 *
 * @throws InfraError when another process is at it past the deadline; the signal's reason
 */
export async function oneAtATime<T>(options: TurnOptions, work: () => Promise<T>): Promise<T> {
  const { name, title, doing, deadline, onStep, signal } = options;
  let waiting: RunningStep | undefined;
  const onWait = ({ pid }: { pid: number }) => {
    waiting ??= startStep({ title }, onStep);
    waiting.note(`waiting for process ${pid}, which is ${doing}`);
  };
  const locked = () => {
    waiting?.done();
    waiting = undefined;
    return work();
  };
  try {
    return await withLock(name, locked, { deadline, signal, onWait });
  } finally {
    waiting?.failed();
  }
}
