import { humanize } from "../../lib/duration.ts";
import type { CheckResult, PhaseName, PhaseResult } from "../../lifecycle/result.ts";
import { firstLine } from "../plain-text.ts";
import { describeTally, isIdle, overhead, tally } from "../tally.ts";
import { STATUSES } from "../verdict-words.ts";
import { type Look, lookOf, markOf, paint, paintTone, truncate } from "./look.ts";

const NAME_WIDTH = 24;
const TIME_WIDTH = 10;

/** Printed when a phase begins: its name. */
export function phaseHeading(name: PhaseName, look: Look = lookOf()): string {
  return `\n${paint(look, "bold", name)}`;
}

/**
 * Printed when a check is done, one line: mark, name, how long it took, and what was seen or the first line of
 * its error.
 */
export function liveLine(check: CheckResult, look: Look = lookOf()): string {
  const said = firstLine(check.status === "failed" ? (check.error ?? check.summary ?? "") : (check.summary ?? ""));
  const mark = markOf(look, check.status);
  const markWidth = look.plain ? 4 : 1;
  const name = check.name.padEnd(NAME_WIDTH);
  const time = check.status === "not-run" ? "" : humanize(check.durationMs);
  const room = look.columns - (2 + markWidth + 1 + name.length + 1 + TIME_WIDTH + 2);
  const text = truncate(look, said, room);
  const tone = check.status === "failed" ? paintTone(look, "bad", text) : paint(look, "gray", text);
  return `  ${mark} ${name} ${time.padStart(TIME_WIDTH)}  ${text ? tone : ""}`.trimEnd();
}

/** Printed when a phase is over, one line: how it ended, how long it took, and its containers in it. */
export function phaseLine(phase: PhaseResult, look: Look = lookOf()): string {
  const status = STATUSES[phase.status];
  const word = paintTone(look, status.tone, status.label);
  if (isIdle(phase)) {
    const reason = phase.reason ? `: ${firstLine(phase.reason)}` : "";
    return `  ${phase.name} ${word}${truncate(look, reason, look.columns - phase.name.length - 11)}`;
  }
  const ratio = overhead(phase.durationMs, phase.containerMs);
  const containers =
    phase.containerMs === undefined
      ? ""
      : `, containers ${humanize(phase.containerMs)}${ratio ? ` (${ratio}${look.plain ? "x" : "×"})` : ""}`;
  return `  ${phase.name} ${word} in ${humanize(phase.durationMs)}${containers}, ${describeTally(tally(phase.checks))}`;
}
