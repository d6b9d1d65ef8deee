import { wholeSeconds } from "./duration.ts";
import { plainText } from "./plain-text.ts";
import { MOMENT_MS, type StepProgress } from "./step.ts";

/** Milliseconds between two lines of one step. */
const PACE_MS = 15_000;

/** Steps as lines at a human pace: one when somebody has begun to wait, one every 15 s, one at the end. */
export class PacedSteps {
  private readonly say: (line: string) => void;
  /** When each step was last told, in its own milliseconds. */
  private readonly toldAt = new Map<string, number>();

  constructor(say: (line: string) => void) {
    this.say = say;
  }

  /** Takes the progress of one step; an arrow, so that it can be handed on. */
  readonly step = (progress: StepProgress): void => {
    const { title, state, elapsedMs } = progress;
    const before = this.toldAt.get(title);
    if (state !== "going") {
      this.toldAt.delete(title);
      if (elapsedMs >= MOMENT_MS) this.say(endedStep(progress));
    } else if (elapsedMs >= MOMENT_MS && (before === undefined || elapsedMs - before >= PACE_MS)) {
      this.toldAt.set(title, elapsedMs);
      this.say(goingStep(progress));
    }
  };
}

/** `root file system: installing packages, 36 s of about 50 s`; a note that is too long gives way to the time. */
export function goingStep({ title, note, elapsedMs, expectedMs }: StepProgress, width = 200): string {
  const time = `${wholeSeconds(elapsedMs)}${expectedMs ? expectation(elapsedMs, expectedMs) : ""}`;
  if (!note) return `${title}: ${time}`.slice(0, width);
  const room = Math.max(0, width - title.length - time.length - 4);
  const words = oneLine(note);
  const cut = words.length > room ? `${words.slice(0, Math.max(0, room - 1))}…` : words;
  return `${title}: ${cut}, ${time}`.slice(0, width);
}

/** `root file system: done in 48 s`. */
export function endedStep({ title, state, note, elapsedMs }: StepProgress): string {
  const time = wholeSeconds(elapsedMs);
  if (state === "failed") return `${title}: failed after ${time}${note ? ` (${oneLine(note).slice(0, 200)})` : ""}`;
  return `${title}: done in ${time}`;
}

function expectation(elapsedMs: number, expectedMs: number): string {
  const usual = wholeSeconds(expectedMs);
  return elapsedMs <= expectedMs ? ` of about ${usual}` : `, usually ${usual}`;
}

function oneLine(note: string): string {
  return plainText(note).replaceAll("\n", " ").trim();
}
