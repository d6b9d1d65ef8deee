import { plainText } from "../../lib/plain-text.ts";
import type { LintReport } from "../../lint/lint.ts";
import type { JudgedFinding, Occurrence } from "../../lint/waivers.ts";
import { countFindings, placeWords } from "../lint-words.ts";
import { type Look, lookOf, paint, wrap } from "./look.ts";

/** Width of `  123  warning  R002  `. */
const MARGIN = 22;

/** A lint report for people: findings by file, then the status score, then the counts. */
export function lintSummary(report: LintReport, look: Look = lookOf()): string {
  const files = new Map<string, JudgedFinding[]>();
  for (const finding of report.findings) {
    const file = finding.file ?? "(repository)";
    files.set(file, [...(files.get(file) ?? []), finding]);
  }
  const groups = [...files].map(([file, findings]) => [
    paint(look, "bold", plainText(file)),
    ...findings.flatMap((finding) => findingLines(finding, look)),
  ]);
  const blocks = [...groups, statusLines(report, look), [countsLine(report, look)]];
  return blocks.map((lines) => lines.join("\n")).join("\n\n");
}

function findingLines(finding: JudgedFinding, look: Look): string[] {
  const { line, rule, waived, message, remedy } = finding;
  const level = waived === undefined ? finding.level : "waived";
  const tone = { error: "red", warning: "yellow", waived: "gray" } as const;
  const head = `${String(line ?? "").padStart(5)}  ${paint(look, tone[level], level.padEnd(7))}  ${rule}  `;
  const [first = "", ...more] = wrap(plainText(message), look.columns - MARGIN);
  const last = waived === undefined ? remedy : `waived: ${waived}`;
  return [
    head + first,
    ...more.map((text) => " ".repeat(MARGIN) + text),
    ...(finding.places ?? []).flatMap((place) => placeLines(place, finding, look)),
    ...wrap(plainText(last), look.columns, " ".repeat(MARGIN)).map((text) => paint(look, "gray", text)),
  ];
}

/** One of several places, with what is said there if that is not the same everywhere. */
function placeLines(place: Occurrence, { kind }: JudgedFinding, look: Look): string[] {
  const text = plainText([placeWords(place), kind && place.message].filter(Boolean).join("  "));
  return wrap(text, look.columns, " ".repeat(MARGIN));
}

function statusLines({ status }: LintReport, look: Look): string[] {
  const { score, readme, missing, inputs } = status;
  const claimed = readme === undefined ? "the README gives none" : `the README says ${readme}`;
  const lacks = missing.length ? `; missing: ${missing.join(", ")}` : "";
  const mark = (holds: boolean | undefined) => (holds === undefined ? "?" : holds ? "yes" : "no");
  return [
    `${paint(look, "bold", `status ${score} of 5`)} (${claimed}${lacks})`,
    ...inputs.map(
      ({ name, holds, from }) =>
        `  ${name.padEnd(11)}  ${mark(holds).padEnd(3)}  ${paint(look, "gray", plainText(from))}`,
    ),
  ];
}

function countsLine({ recipe, commit, counts }: LintReport, look: Look): string {
  const { errors, warnings } = counts;
  const text = `${recipe} ${commit.slice(0, 8)}: ${countFindings(counts)}`;
  return paint(look, errors > 0 ? "red" : warnings > 0 ? "yellow" : "green", text);
}
