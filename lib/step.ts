import { type Clock, systemClock } from "./clock.ts";
import { lastDuration, rememberDuration } from "./durations.ts";

/** A piece of work that a person may have to wait for. */
export interface StepKind {
  /** In words, e.g. `root file system`. */
  title: string;
  /** What it is remembered by, if not by its title: how long it took here is expected of the next time. */
  key?: string;
  /** Milliseconds it takes where it was never done. Default: nobody can say. */
  expectedMs?: number;
}

/** How a step goes. Times in milliseconds. */
export interface StepProgress {
  title: string;
  state: "going" | "done" | "failed";
  elapsedMs: number;
  /** What it took last on this machine, else an estimate; undefined where nobody can say. */
  expectedMs?: number;
  /** What it is at just now, one line. */
  note?: string;
}

/** Told at a step's start, once a second while it lasts, and at its end. */
export type OnStep = (progress: StepProgress) => void;

/** A step that has begun. End it by `done` or `failed`. */
export interface RunningStep {
  note(text: string): void;
  done(): void;
  failed(): void;
}

/** Milliseconds between two reports of one step. */
const INTERVAL_MS = 1000;

/** Below this nobody has waited, and nothing is to be remembered. Milliseconds. */
export const MOMENT_MS = 1000;

/** Begins a step. Where the end of it is the end of a function, {@link step} is the shorter way. */
export function startStep(kind: StepKind, onStep: OnStep, clock: Clock = systemClock): RunningStep {
  const key = kind.key ?? kind.title;
  const expectedMs = lastDuration(key) ?? kind.expectedMs;
  const start = clock.now();
  let note: string | undefined;
  const report = (state: StepProgress["state"]) =>
    onStep({ title: kind.title, state, elapsedMs: clock.now() - start, expectedMs, note });
  report("going");
  const timer = setInterval(() => report("going"), INTERVAL_MS);
  // Progress alone must not keep a process from its end.
  timer.unref();
  const end = (state: "done" | "failed") => {
    clearInterval(timer);
    report(state);
  };
  return {
    note: (text) => {
      note = text;
    },
    done: () => {
      const took = clock.now() - start;
      if (took >= MOMENT_MS) rememberDuration(key, took);
      end("done");
    },
    failed: () => end("failed"),
  };
}

/** Runs `work` as a step; it may say what it is at. */
export async function step<T>(
  kind: StepKind,
  onStep: OnStep,
  work: (note: (text: string) => void) => Promise<T>,
): Promise<T> {
  const running = startStep(kind, onStep);
  try {
    const value = await work(running.note);
    running.done();
    return value;
  } catch (error) {
    running.failed();
    throw error;
  }
}
