import type { Status, Verdict } from "../lifecycle/result.ts";

/** How a verdict or a status feels: the colour families of every report. */
export type Tone = "good" | "bad" | "warn" | "quiet";

/** How one verdict is shown. */
export interface VerdictWords {
  /** One or two words, capitalised. */
  label: string;
  /** A mark for screens that have Unicode. */
  mark: string;
  tone: Tone;
  /** Who has something to do now, one sentence. */
  meaning: string;
}

/** The words for each verdict. */
export const VERDICTS: Record<Verdict, VerdictWords> = {
  pass: { label: "Passed", mark: "✓", tone: "good", meaning: "Everything asked of the recipe held." },
  fail: { label: "Failed", mark: "✗", tone: "bad", meaning: "The recipe is at fault." },
  infra: {
    label: "Infrastructure",
    mark: "!",
    tone: "warn",
    meaning: "The machinery or the network failed; this says nothing about the recipe.",
  },
  flaky: { label: "Flaky", mark: "~", tone: "warn", meaning: "It passed, but only on repetition." },
  blocked: { label: "Blocked", mark: "■", tone: "warn", meaning: "The recipe could not be judged." },
};

/** The words for each status of a phase or a check. */
export const STATUSES: Record<Status, { label: string; mark: string; tone: Tone }> = {
  passed: { label: "passed", mark: "✓", tone: "good" },
  failed: { label: "failed", mark: "✗", tone: "bad" },
  skipped: { label: "skipped", mark: "–", tone: "quiet" },
  "not-run": { label: "not run", mark: "○", tone: "quiet" },
};
