import type { StandIn } from "../../images/stand-in-label.ts";
import { humanize } from "../../lib/duration.ts";
import { firstLine } from "../../lib/plain-text.ts";
import { plural } from "../../lib/plural.ts";
import type { CheckResult, PhaseName, PhaseResult } from "../../lifecycle/result.ts";
import { saidBy } from "../said.ts";
import { isIdle, overhead } from "../tally.ts";
import { STATUSES } from "../verdict-words.ts";
import { type Look, lookOf, markOf, paint, paintTone, truncate, wrap } from "./look.ts";

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
  const said = firstLine(saidBy(check) ?? "");
  const mark = markOf(look, check.status);
  const markWidth = look.plain ? 4 : 1;
  const name = check.name.padEnd(NAME_WIDTH);
  const time = check.status === "not-run" ? "" : humanize(check.durationMs);
  const room = look.columns - (2 + markWidth + 1 + name.length + 1 + TIME_WIDTH + 2);
  const text = truncate(look, said, room);
  const tone = check.status === "failed" ? paintTone(look, "bad", text) : paint(look, "gray", text);
  return `  ${mark} ${name} ${time.padStart(TIME_WIDTH)}  ${text ? tone : ""}`.trimEnd();
}

/** Printed before anything is deployed where images are not what their names say: what passes on them is less of a proof. */
export function standInLines(standIns: readonly Pick<StandIn, "image">[], look: Look = lookOf()): string {
  const names = standIns.map(({ image }) => image).join(", ");
  const text = `on ${plural(standIns.length, "stand-in")}, built here under the names of images: ${names}`;
  return wrap(text, look.columns, "  ")
    .map((line) => paintTone(look, "warn", line))
    .join("\n");
}

/** Printed when a phase is over, one line: how it ended, how long it took, its containers in it, and why it failed. */
export function phaseLine(phase: PhaseResult, look: Look = lookOf()): string {
  const { label, tone } = STATUSES[phase.status];
  const containers = phase.containerMs === undefined ? "" : `, containers ${humanize(phase.containerMs)}`;
  const ratio = overhead(phase.durationMs, phase.containerMs);
  const factor = ratio === undefined ? "" : ` (${ratio}${look.plain ? "x" : "×"})`;
  const times = isIdle(phase) ? "" : ` in ${humanize(phase.durationMs)}${containers}${factor}`;
  const reason = phase.reason ? `: ${firstLine(phase.reason)}` : "";
  const room = look.columns - (2 + phase.name.length + 1 + label.length);
  return `  ${phase.name} ${paintTone(look, tone, label)}${truncate(look, `${times}${reason}`, room)}`;
}
