import { humanize } from "../lib/duration.ts";
import { firstLine } from "../lib/plain-text.ts";
import type { RunResult } from "../lifecycle/result.ts";
import { allChecks, describeTally, tally } from "./tally.ts";
import { type Tone, VERDICTS } from "./verdict-words.ts";

/** What several runs came to that belong together. */
export interface Overview {
  /** ISO 8601 in UTC. */
  startedAt: string;
  durationMs: number;
  /** In the order of the recipes' names. */
  runs: readonly (Told | Untold)[];
}

/** A run that came to a verdict. */
export interface Told {
  recipe: string;
  result: RunResult;
}

/** One that did not, and why. */
export interface Untold {
  recipe: string;
  trouble: string;
}

/** A row of an overview, in words. */
export interface OverviewRow {
  recipe: string;
  tone: Tone;
  mark: string;
  label: string;
  /** Name of the run; undefined where there is no result. */
  run?: string;
  checks: string;
  durationMs?: number;
  /** Why it did not simply pass. */
  reason?: string;
}

/** How a run is told in one line. */
export function overviewRow(one: Told | Untold): OverviewRow {
  if (!("result" in one)) {
    const words = { tone: "warn", mark: VERDICTS.blocked.mark, label: "No verdict" } as const;
    return { recipe: one.recipe, ...words, checks: "", reason: one.trouble };
  }
  const { verdict, run, durationMs, reason } = one.result;
  const { tone, mark, label } = VERDICTS[verdict];
  const checks = describeTally(tally(allChecks(one.result)));
  return { recipe: one.recipe, tone, mark, label, run, checks, durationMs, ...(verdict !== "pass" && { reason }) };
}

/** The same as a line of text. */
export function overviewLine(one: Told | Untold): string {
  const { recipe, label, checks, durationMs, reason } = overviewRow(one);
  const time = durationMs === undefined ? "" : `, ${humanize(durationMs)}`;
  return `${recipe}: ${label.toLowerCase()}${checks && `, ${checks}`}${time}${reason ? `\n        ${firstLine(reason)}` : ""}`;
}

/** `4 passed, 1 failed`, by the labels of the verdicts. */
export function overviewCounts({ runs }: Overview): string {
  const counts = new Map<string, number>();
  for (const { label } of runs.map(overviewRow)) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].map(([label, count]) => `${count} ${label.toLowerCase()}`).join(", ");
}
