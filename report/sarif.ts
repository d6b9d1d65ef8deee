import { shortHash } from "../lib/names.ts";
import { plainText } from "../lib/plain-text.ts";
import type { LintReport } from "../lint/lint.ts";
import type { RuleInfo } from "../lint/rule.ts";
import type { JudgedFinding, Occurrence } from "../lint/waivers.ts";
import { toolVersion } from "./tool-version.ts";

const SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json";
/**
 * A lint report as SARIF 2.1.0 (OASIS), which forges show as annotations of a change. Paths are relative to the
 * recipe's root; waived findings are suppressed with their reason; fingerprints do not depend on line numbers. What is
 * about the repository as a whole is shown at some file of it: code review needs one.
 */
export function renderSarif(report: LintReport): string {
  const rules = report.rules.map(descriptor);
  const indexes = new Map(report.rules.map(({ id }, index) => [id, index]));
  const run = {
    tool: { driver: { name: "recipe-ci", semanticVersion: toolVersion(), rules } },
    columnKind: "utf16CodeUnits",
    automationDetails: { id: `recipe-ci/lint/${report.recipe}/` },
    results: report.findings.map((finding) =>
      result({ ...finding, file: finding.file ?? report.repositoryFile }, indexes.get(finding.rule) ?? -1),
    ),
  };
  return `${JSON.stringify({ $schema: SCHEMA, version: "2.1.0", runs: [run] }, undefined, 2)}\n`;
}

function descriptor({ id, level, title, why, remedy }: RuleInfo) {
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: why },
    help: { text: remedy },
    defaultConfiguration: { level },
  };
}

function result(finding: JudgedFinding, ruleIndex: number) {
  const { rule, level, message, remedy, waived, file, kind, places = [] } = finding;
  const others = places.slice(1).filter((place) => place.file !== undefined);
  // Code review shows related places only where the text links to them.
  const links = others.map((place, id) => `\n[${linkText(place)}](${id})`);
  return {
    ruleId: rule,
    ruleIndex,
    level,
    message: { text: `${plainText(message)}\n${plainText(remedy)}${links.join("")}` },
    locations: file === undefined ? [] : [location(file, finding.line ?? 1)],
    ...(others.length > 0 && { relatedLocations: others.map(related) }),
    partialFingerprints: { "recipeCi/v1": shortHash([rule, file ?? "", kind ?? message], 16) },
    ...(waived === undefined ? {} : { suppressions: [{ kind: "external", justification: plainText(waived) }] }),
  };
}

function related({ file = "", line = 1, message }: Occurrence, id: number) {
  return { id, message: { text: plainText(message) }, ...location(file, line) };
}

/** Brackets would end the link. */
function linkText({ file, line = 1 }: Occurrence): string {
  return plainText(`${file}:${line}`).replaceAll(/[[\]\\]/g, "_");
}

function location(file: string, startLine: number) {
  const uri = file.split("/").map(encodeURIComponent).join("/");
  return { physicalLocation: { artifactLocation: { uri, uriBaseId: "%SRCROOT%" }, region: { startLine } } };
}
