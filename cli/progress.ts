import { wholeSeconds } from "../lib/duration.ts";
import { plainText } from "../lib/plain-text.ts";
import { MOMENT_MS, type StepProgress } from "../lib/step.ts";

/** Milliseconds between two lines of one step where lines can't be overwritten. */
const PACE_MS = 15_000;

const CLEAR = "\r\x1b[K";

/** Where progress is shown: standard error, or a stand-in for it. */
export interface ProgressStream {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/**
 * Shows steps that take long. On a terminal each has one line that moves and stays as it ended, elsewhere a line when
 * someone has begun to wait, every 15 s and at its end. What takes no time says nothing.
 */
export class ProgressPrinter {
  private readonly out: ProgressStream;
  /** Steps going on, and when each was last shown, in its own milliseconds; undefined while it was not. */
  private readonly going = new Map<string, { progress: StepProgress; shownAt?: number }>();
  private open = false;

  constructor(out: ProgressStream = process.stderr) {
    this.out = out;
  }

  /** Prints a line for good. */
  line(text: string): void {
    this.close();
    this.out.write(`${text}\n`);
  }

  /** Shows how far a step has come; an arrow, so that it can be handed on. */
  readonly step = (progress: StepProgress): void => {
    const { title, state, elapsedMs } = progress;
    const before = this.going.get(title);
    if (state === "going") {
      const entry = { progress, shownAt: before?.shownAt };
      this.going.set(title, entry);
      if (elapsedMs >= MOMENT_MS) this.show(entry);
      return;
    }
    this.going.delete(title);
    if (before?.shownAt !== undefined || elapsedMs >= MOMENT_MS) this.line(`  ${ending(progress)}`);
    const next = this.longest();
    if (next && this.out.isTTY) this.show(next);
  };

  /** Ends a moving line. */
  close(): void {
    if (this.open) this.out.write(CLEAR);
    this.open = false;
  }

  private show(entry: { progress: StepProgress; shownAt?: number }): void {
    const { elapsedMs } = entry.progress;
    const due = entry.shownAt === undefined || elapsedMs - entry.shownAt >= PACE_MS;
    if (this.out.isTTY) this.move();
    else if (due) this.out.write(`  ${moving(entry.progress)}\n`);
    if (due) entry.shownAt = elapsedMs;
  }

  private move(): void {
    const shown = this.longest();
    if (!shown) return;
    const others = this.going.size > 1 ? ` (and ${this.going.size - 1} more)` : "";
    const width = (this.out.columns ?? 80) - 3 - others.length;
    this.out.write(`${CLEAR}  ${moving(shown.progress, width)}${others}`);
    this.open = true;
  }

  /** The step that goes on for longest: with several at once, the line must not jump between them. */
  private longest(): { progress: StepProgress; shownAt?: number } | undefined {
    return this.going.values().next().value;
  }
}

/** `root file system: installing packages, 36 s of about 50 s`; a note that is too long gives way to the time. */
function moving({ title, note, elapsedMs, expectedMs }: StepProgress, width = 200): string {
  const time = `${wholeSeconds(elapsedMs)}${expectedMs ? expectation(elapsedMs, expectedMs) : ""}`;
  if (!note) return `${title}: ${time}`.slice(0, width);
  const room = Math.max(0, width - title.length - time.length - 4);
  const words = plainText(note).replaceAll("\n", " ").trim();
  const cut = words.length > room ? `${words.slice(0, Math.max(0, room - 1))}…` : words;
  return `${title}: ${cut}, ${time}`.slice(0, width);
}

function expectation(elapsedMs: number, expectedMs: number): string {
  const usual = wholeSeconds(expectedMs);
  return elapsedMs <= expectedMs ? ` of about ${usual}` : `, usually ${usual}`;
}

function ending({ title, state, note, elapsedMs }: StepProgress): string {
  const time = wholeSeconds(elapsedMs);
  if (state === "failed") return `${title}: failed after ${time}${note ? ` (${plainText(note).trim()})` : ""}`;
  return `${title}: done in ${time}`;
}
