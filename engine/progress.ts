import { performance } from "node:perf_hooks";

/** How a longer step of finding or building the engine goes. Times in milliseconds. */
export interface EngineProgress {
  /** What is being done, e.g. `Pulumi CLI 3.259.0`. */
  part: string;
  elapsedMs: number;
  /** What this step took on a machine with two cores and empty caches; undefined where nobody can say. */
  expectedMs?: number;
  /** What it is at just now, one line. */
  note?: string;
}

export type OnProgress = (progress: EngineProgress) => void;

/** Milliseconds between two reports of one step. */
const INTERVAL_MS = 1000;

/** Reports a step at its start, once a second while it lasts, and at its end. `note` is asked for at each report. */
export async function reporting<T>(
  step: { part: string; expectedMs?: number; note?: () => string | undefined },
  onProgress: OnProgress,
  work: () => Promise<T>,
): Promise<T> {
  const start = performance.now();
  const report = () =>
    onProgress({
      part: step.part,
      elapsedMs: performance.now() - start,
      expectedMs: step.expectedMs,
      note: step.note?.(),
    });
  report();
  const timer = setInterval(report, INTERVAL_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    report();
  }
}
