import { AREA_WORDS, CHANGE_AREAS, type Change, type ChangeArea, type ChangeSeverity } from "../diff/change.ts";
import { plural } from "../lib/plural.ts";
import type { Tone } from "./verdict-words.ts";

/** How a severity feels. */
export const SEVERITY_TONES: Record<ChangeSeverity, Tone> = { info: "quiet", warning: "warn", error: "bad" };

/** How a change is marked: the same letters as in a diff, `~` for what is another now. */
export const KIND_MARKS: Record<Change["kind"], string> = { added: "+", removed: "-", changed: "~" };

/** The changes of one area under what they are called together, e.g. `Health checks`. */
export interface ChangeGroup {
  area: ChangeArea;
  title: string;
  changes: Change[];
}

/** The changes of each area that has some, in order. */
export function byArea(changes: readonly Change[]): ChangeGroup[] {
  return CHANGE_AREAS.map((area) => {
    const title = AREA_WORDS[area].replace(/^./, (letter) => letter.toUpperCase());
    return { area, title, changes: changes.filter((change) => change.area === area) };
  }).filter((group) => group.changes.length > 0);
}

/** `9 changes, 2 warnings, 1 error`; `no changes` where there are none. */
export function countChanges(changes: readonly Change[]): string {
  if (changes.length === 0) return "no changes";
  const count = (severity: ChangeSeverity) => changes.filter((change) => change.severity === severity).length;
  const flagged = (["warning", "error"] as const).filter((severity) => count(severity) > 0);
  return [plural(changes.length, "change"), ...flagged.map((severity) => plural(count(severity), severity))].join(", ");
}
