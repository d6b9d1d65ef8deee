import type { EngineProgress } from "../engine/progress.ts";
import { humanize } from "../lib/duration.ts";

/** Seconds between two lines of one long step where lines can't be overwritten. */
const QUIET_SECONDS = 15;

/** Shows the progress of long work on standard error: one line that moves on a terminal, else a line now and then. */
export class ProgressPrinter {
  private lastPart = "";
  private lastShown = 0;
  private open = false;
  private readonly startedAt = performance.now();

  /** Prints a line for good. */
  line(text: string): void {
    this.close();
    console.error(text);
  }

  /** Shows how far one part has come. */
  engine({ part, elapsedMs, expectedMs, note }: EngineProgress): void {
    const expected = expectedMs ? ` of about ${humanize(expectedMs)}` : "";
    const text = `  ${part}: ${humanize(elapsedMs)}${expected}${note ? `, ${note}` : ""}`;
    if (process.stderr.isTTY) {
      process.stderr.write(`\r\x1b[K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
      this.open = true;
      return;
    }
    const due = part !== this.lastPart || performance.now() - this.lastShown > QUIET_SECONDS * 1000;
    if (!due) return;
    this.lastPart = part;
    this.lastShown = performance.now();
    console.error(text);
  }

  /** Shows the last line of a tool's output while it works. */
  note(output: string): void {
    const last = output.trim().split("\n").at(-1)?.trim();
    if (last) this.engine({ part: "node", elapsedMs: performance.now() - this.startedAt, note: last });
  }

  /** Ends a moving line. */
  close(): void {
    if (this.open) process.stderr.write("\r\x1b[K");
    this.open = false;
  }
}
