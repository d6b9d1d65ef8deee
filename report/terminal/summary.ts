import { dirname, join } from "node:path";
import { humanize } from "../../lib/duration.ts";
import type { Owner } from "../../lib/owner.ts";
import { abridge, firstLine, plainText } from "../../lib/plain-text.ts";
import { plural } from "../../lib/plural.ts";
import type { CheckResult, Failed, PhaseResult, RunResult } from "../../lifecycle/result.ts";
import { countChanges } from "../changes.ts";
import { ledgerWords } from "../ledger-words.ts";
import { countFindings } from "../lint-words.ts";
import {
  allChecks,
  dependenciesOf,
  describeTally,
  failedChecks,
  isIdle,
  overhead,
  tally,
  versionName,
} from "../tally.ts";
import { STATUSES, VERDICTS } from "../verdict-words.ts";
import type { ReportPaths } from "../write.ts";
import { type Look, lookOf, markOf, paint, paintTone, wrap } from "./look.ts";

const ERROR_LIMIT = 6_000;
const NAME_WIDTH = 9;
const STATUS_WIDTH = 9;
const REASON_INDENT = 2 + NAME_WIDTH + STATUS_WIDTH + 2;

/**
 * What a finished run says on the terminal, 80 to 100 columns wide. The verdict comes last, where the eye is
 * when the command returns; above it what is wrong in full, and the paths to read on.
 */
export function summary(result: RunResult, paths: ReportPaths, look: Look = lookOf()): string {
  const blocks = [
    phaseTable(result, look),
    changes(result),
    needs(result, look),
    lint(result, look),
    block(
      look,
      "Failed checks",
      failedChecks(result).flatMap((check) => failure(check, look)),
    ),
    block(
      look,
      "Warnings about the recipe",
      result.warnings.flatMap((warning) => item(look, warning)),
    ),
    block(
      look,
      "Adapted to this node",
      result.adaptations.flatMap(({ subject, change, reason }) => item(look, `${subject}: ${change}\n${reason}`)),
    ),
    block(
      look,
      "Stand-ins for images",
      result.standIns.flatMap(({ image, builtFrom, reason }) =>
        item(look, `${image}: built from ${builtFrom}\n${reason}`),
      ),
    ),
    ledger(result, look),
    files(result, paths, look),
    verdict(result, look),
  ];
  return `\n${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}`;
}

function phaseTable(result: RunResult, look: Look): string[] {
  const total = describeTally(tally(allChecks(result)));
  const gray = (line: string) => paint(look, "gray", line);
  return [
    ...tableRow("phase", "".padEnd(STATUS_WIDTH), ["time", "containers", "ratio"], "checks", look).map(gray),
    ...result.phases.flatMap((phase) => phaseRow(phase, look)),
    ...tableRow("", "".padEnd(STATUS_WIDTH), [humanize(result.durationMs), "", ""], total, look).map(gray),
  ];
}

function changes(result: RunResult): string[] {
  return result.changes ? [`  From base to head: ${countChanges(result.changes)}.`] : [];
}

/** The other recipes that were deployed for this one. */
function needs(result: RunResult, look: Look): string[] {
  const found = dependenciesOf(result).map((one) => `${one.recipe} ${versionName(one)} at ${one.domain}`);
  return found.flatMap((line, index) => wrap(`${index === 0 ? "Needs " : "and "}${line}`, look.columns, "  "));
}

/** One line, and where to read the findings themselves. */
function lint({ lint: found, recipe }: RunResult, look: Look): string[] {
  if (!found) return [];
  const { counts, status } = found;
  const lacks = status.missing.length > 0 ? ` (lacks ${status.missing.join(", ")})` : "";
  const indent = " ".repeat(2 + NAME_WIDTH);
  const lines = wrap(`${countFindings(counts)}; status ${status.score} of 5${lacks}`, look.columns, indent);
  const more = `npx recipe-ci lint ${recipe}, with this run's --source and --ref`;
  return [
    `  ${"lint".padEnd(NAME_WIDTH)}${lines.join("\n").trimStart()}`,
    ...wrap(more, look.columns, indent).map((line) => paint(look, "gray", line)),
  ];
}

/** The status comes padded, as its colour has characters that take no room. What does not fit goes on a line below. */
function tableRow(name: string, status: string, times: [string, string, string], checks: string, look: Look): string[] {
  const [time, containers, ratio] = times;
  const columns = `${time.padStart(11)}${containers.padStart(11)}${ratio.padStart(7)}`;
  const row = `  ${name.padEnd(NAME_WIDTH)}${status}${columns}`;
  const width = 2 + NAME_WIDTH + STATUS_WIDTH + columns.length + 2 + checks.length;
  return width > look.columns ? [row.trimEnd(), indented(checks)] : [`${row}  ${checks}`.trimEnd()];
}

function phaseRow(phase: PhaseResult, look: Look): string[] {
  const { label, tone } = STATUSES[phase.status];
  const status = paintTone(look, tone, label.padEnd(STATUS_WIDTH));
  const reason = phase.reason ? wrap(firstLine(phase.reason), look.columns, " ".repeat(REASON_INDENT)) : [];
  const gray = reason.map((line) => paint(look, "gray", line.slice(REASON_INDENT)));
  if (isIdle(phase)) {
    const [first = "", ...rest] = gray;
    return [`  ${phase.name.padEnd(NAME_WIDTH)}${status}  ${first}`.trimEnd(), ...rest.map(indented)];
  }
  const containers = phase.containerMs === undefined ? "" : humanize(phase.containerMs);
  const ratio = overhead(phase.durationMs, phase.containerMs);
  const factor = ratio === undefined ? "" : `${ratio}${look.plain ? "x" : "×"}`;
  const times: [string, string, string] = [humanize(phase.durationMs), containers, factor];
  return [...tableRow(phase.name, status, times, describeTally(tally(phase.checks)), look), ...gray.map(indented)];
}

function indented(line: string): string {
  return " ".repeat(REASON_INDENT) + line;
}

const OWNERS: Record<Owner, string> = {
  recipe: "",
  infra: "  (machinery or network, not the recipe)",
  base: "  (the release before, not head)",
  author: "  (its ci.ts, not the recipe)",
  dependency: "  (another recipe that it needs)",
  defect: "  (recipe-ci itself, not the recipe)",
};

function failure(check: CheckResult & Failed, look: Look): string[] {
  const words = OWNERS[check.owner];
  const owner = words && paintTone(look, "warn", words);
  const error = abridge(plainText(check.error), ERROR_LIMIT);
  return [
    `  ${markOf(look, "failed")} ${paint(look, "bold", check.name)}  ${humanize(check.durationMs)}${owner}`,
    ...wrap(plainText(check.title), look.columns, "      ").map((line) => paint(look, "gray", line)),
    ...wrap(error, look.columns, "      "),
  ];
}

function item(look: Look, text: string): string[] {
  const [first = "", ...rest] = plainText(text).split("\n");
  const [head = "", ...tail] = wrap(first, look.columns, "    ");
  return [
    `  - ${head.trimStart()}`,
    ...tail,
    ...rest.flatMap((line) => wrap(line, look.columns, "    ")).map((line) => paint(look, "gray", line)),
  ];
}

function ledger(result: RunResult, look: Look): string[] {
  const { left, lost, notJudged = [] } = result.ledger;
  const name = ({ kind, name, id, node }: (typeof left)[number]) =>
    item(look, `${kind} ${name} (${id.slice(0, 12)})${node ? ` on ${node}` : ""}`);
  const lines = [
    ...block(look, `Left behind on the node: ${plural(left.length, "object")}`, left.flatMap(name), "bad"),
    ...block(look, `Gone though not the run's own: ${plural(lost.length, "object")}`, lost.flatMap(name), "bad"),
  ];
  const well = paint(look, "gray", `  ${ledgerWords(result)}`);
  return [...(lines.length > 0 ? lines : [well]), ...notJudged.flatMap((line) => item(look, `not judged: ${line}`))];
}

function files(result: RunResult, paths: ReportPaths, look: Look): string[] {
  const folder = dirname(paths.json);
  const logs = result.diagnostics.map(({ title, file }) => ["log", `${join(folder, file)}  ${plainText(title)}`]);
  const rows = [["report", paths.html], ["data", paths.json], ["junit", paths.junit], ...logs];
  return rows.map(([label = "", text = ""]) => `  ${paint(look, "gray", label.padEnd(8))}${text}`);
}

function verdict(result: RunResult, look: Look): string[] {
  const { label, mark, tone, meaning } = VERDICTS[result.verdict];
  const arrow = look.plain ? "->" : "→";
  const versions = [result.base, result.head].flatMap((version) => (version ? [versionName(version)] : []));
  const word = look.plain ? label.toUpperCase() : `${mark} ${label}`;
  return [
    `${paint(look, ["bold", toneFormat[tone]], word)}  ${paint(look, "bold", result.recipe)} ${versions.join(` ${arrow} `)}  ${paint(look, "gray", `in ${humanize(result.durationMs)}`)}`,
    ...wrap(plainText(result.reason), look.columns, "  "),
    ...(result.verdict === "pass" ? [] : wrap(meaning, look.columns, "  ").map((line) => paint(look, "gray", line))),
  ];
}

const toneFormat = { good: "green", bad: "red", warn: "yellow", quiet: "gray" } as const;

function block(look: Look, title: string, lines: string[], tone?: "bad"): string[] {
  if (lines.length === 0) return [];
  return [tone ? paintTone(look, tone, title) : paint(look, "bold", title), ...lines];
}
