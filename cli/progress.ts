import { endedStep, goingStep, PacedSteps } from "../lib/paced-steps.ts";
import { MOMENT_MS, type StepProgress } from "../lib/step.ts";

const CLEAR = "\r\x1b[K";

/** Where progress is shown: standard error, or a stand-in for it. */
export interface ProgressStream {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/**
 * Shows steps that take long. On a terminal one line moves, and each step leaves a plain one; elsewhere they are
 * {@link PacedSteps}. What takes no time says nothing.
 */
export class ProgressPrinter {
  private readonly out: ProgressStream;
  private readonly paced: PacedSteps;
  /** Steps going on, in the order of their beginning. */
  private readonly going = new Map<string, StepProgress>();
  private open = false;

  constructor(out: ProgressStream = process.stderr) {
    this.out = out;
    this.paced = new PacedSteps((text) => this.line(`  ${text}`));
  }

  /** Prints a line for good. */
  line(text: string): void {
    this.close();
    this.out.write(`${text}\n`);
  }

  /** Shows how far a step has come; an arrow, so that it can be handed on. */
  readonly step = (progress: StepProgress): void => {
    if (!this.out.isTTY) {
      this.paced.step(progress);
      return;
    }
    if (progress.state === "going") this.going.set(progress.title, progress);
    else {
      this.going.delete(progress.title);
      if (progress.elapsedMs >= MOMENT_MS) this.line(`  ${endedStep(progress)}`);
    }
    this.move();
  };

  /** Ends a moving line. */
  close(): void {
    if (this.open) this.out.write(CLEAR);
    this.open = false;
  }

  /** With several steps at once the line is that of the oldest: it must not jump between them. */
  private move(): void {
    const [oldest] = this.going.values();
    if (!oldest || oldest.elapsedMs < MOMENT_MS) return;
    const others = this.going.size > 1 ? ` (and ${this.going.size - 1} more)` : "";
    const width = (this.out.columns ?? 80) - 3 - others.length;
    this.out.write(`${CLEAR}  ${goingStep(oldest, width)}${others}`);
    this.open = true;
  }
}
