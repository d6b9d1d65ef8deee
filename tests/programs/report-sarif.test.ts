import { expect, test } from "vitest";
import type { LintReport } from "../../lint/lint.ts";
import { renderSarif } from "../../report/sarif.ts";
import { type Schema, violations } from "../fixtures/json-schema.ts";
import { lintWiki } from "../fixtures/lint.ts";

const text: Schema = { type: "string", minLength: 1 };
const message: Schema = { type: "object", required: ["text"], properties: { text } };
const level: Schema = { enum: ["none", "note", "warning", "error"] };
const list = (items: Schema): Schema => ({ type: "array", items });
const object = (properties: Record<string, Schema>, required = Object.keys(properties)): Schema => ({
  type: "object",
  required,
  properties,
});

/** The part of SARIF 2.1.0 (OASIS, sarif-schema-2.1.0.json) that is written, and what forges require beyond it. */
const rule = object({
  id: text,
  shortDescription: message,
  fullDescription: message,
  help: message,
  defaultConfiguration: object({ level }),
});
const physicalLocation = object({
  artifactLocation: object({ uri: { type: "string", pattern: "^[^/ :][^ :]*$" }, uriBaseId: text }),
  region: object({ startLine: { type: "integer", minimum: 1 } }),
});
const location = object({ physicalLocation });
const result = object(
  {
    ruleId: text,
    ruleIndex: { type: "integer", minimum: 0 },
    level,
    message,
    locations: list(location),
    relatedLocations: list(object({ physicalLocation, id: { type: "integer", minimum: 0 }, message })),
    partialFingerprints: { type: "object", additionalProperties: text },
    suppressions: list(object({ kind: { enum: ["inSource", "external"] }, justification: text })),
  },
  ["ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints"],
);
const run = object({
  tool: object({ driver: object({ name: text, semanticVersion: text, rules: list(rule) }) }),
  columnKind: { enum: ["utf16CodeUnits", "unicodeCodePoints"] },
  automationDetails: object({ id: text }),
  results: list(result),
});
const SARIF = object({ $schema: text, version: { const: "2.1.0" }, runs: list(run) });

const CHANGES = {
  "compose.yml": ["postgres:16-alpine", "postgres:latest"],
  "compose.a b.yml": 'version: "3.7"\n',
} as const;

async function sarifOf(change: (report: LintReport) => LintReport = (report) => report) {
  const report = await lintWiki(CHANGES, { waivers: [{ rule: "R004", reason: "no other tag" }] });
  return { report, sarif: JSON.parse(renderSarif(change(report))) };
}

test("is SARIF 2.1.0", async () => {
  const { report, sarif } = await sarifOf();
  expect(violations(SARIF, sarif)).toEqual([]);
  expect(sarif.runs[0].results).toHaveLength(report.findings.length);
});

test("each result points at its rule, and at a file even where it is about the repository", async () => {
  const { sarif } = await sarifOf();
  const { results, tool } = sarif.runs[0];
  for (const { ruleId, ruleIndex, locations } of results) {
    expect(tool.driver.rules[ruleIndex].id).toBe(ruleId);
    expect(locations).toHaveLength(1);
  }
  const uris = results.map((one: { locations: [{ physicalLocation: { artifactLocation: { uri: string } } }] }) => {
    return one.locations[0].physicalLocation.artifactLocation.uri;
  });
  expect(uris).toContain("compose.a%20b.yml");
  expect(uris).toContain("compose.yml");
});

test("of several places the first is the result's, and the text links to the others", async () => {
  const bare = {
    "compose.yml": ["postgres:16-alpine", "postgres"],
    "compose.cache.yml": ["redis:7.2", "redis"],
    "compose.a [b].yml": 'version: "3.8"\nservices: {x: {image: x, healthcheck: {test: [CMD, "true"]}}}\n',
  } as const;
  const report = await lintWiki(bare);
  const sarif = JSON.parse(renderSarif(report));
  expect(violations(SARIF, sarif)).toEqual([]);
  const [found, ...more] = sarif.runs[0].results.filter(({ ruleId }: { ruleId: string }) => ruleId === "R003");
  expect(more).toEqual([]);
  const { locations, relatedLocations } = found;
  expect(locations).toMatchObject([{ physicalLocation: { artifactLocation: { uri: "compose.a%20%5Bb%5D.yml" } } }]);
  expect(relatedLocations).toMatchObject([
    { id: 0, message: { text: "service cache: redis has no tag" }, physicalLocation: { region: { startLine: 4 } } },
    { id: 1, physicalLocation: { artifactLocation: { uri: "compose.yml" }, region: { startLine: 21 } } },
  ]);
  expect(found.message.text).toMatch(/\n\[compose\.cache\.yml:4\]\(0\)\n\[compose\.yml:21\]\(1\)$/);
});

test("a finding keeps its fingerprint when one of its places is mended", async () => {
  const printOf = async (changes: Parameters<typeof lintWiki>[0]) => {
    const { results } = JSON.parse(renderSarif(await lintWiki(changes))).runs[0];
    return results.find(({ ruleId }: { ruleId: string }) => ruleId === "R003").partialFingerprints;
  };
  const first = { "compose.cache.yml": ["redis:7.2", "redis"] } as const;
  expect(await printOf({ ...first, "compose.yml": ["postgres:16-alpine", "postgres"] })).toEqual(await printOf(first));
});

test("what is about the repository is shown at a file that is there", async () => {
  const { repositoryFile: _, ...empty } = await lintWiki({ "compose.yml": null });
  const urisOf = (report: LintReport) =>
    new Set(JSON.stringify(JSON.parse(renderSarif(report)).runs[0].results).match(/"uri":"[^"]*"/g));
  expect(urisOf({ ...empty, repositoryFile: "README.md" })).not.toContain('"uri":"compose.yml"');
  expect(urisOf({ ...empty, repositoryFile: "README.md" })).toContain('"uri":"README.md"');
  const [first] = JSON.parse(renderSarif(empty)).runs[0].results;
  expect(first).toMatchObject({ ruleId: "C005", locations: [] });
});

test("waived findings are suppressed with their reason, and only they", async () => {
  const { sarif } = await sarifOf();
  const suppressed = sarif.runs[0].results.filter((one: object) => "suppressions" in one);
  expect(suppressed).toMatchObject([
    { ruleId: "R004", suppressions: [{ kind: "external", justification: "no other tag" }] },
  ]);
});

test("a finding keeps its fingerprint when its line moves", async () => {
  const { report } = await sarifOf();
  const moved = { ...report, findings: report.findings.map((one) => ({ ...one, line: (one.line ?? 0) + 7 })) };
  const prints = (from: LintReport) =>
    JSON.parse(renderSarif(from)).runs[0].results.map(
      (one: { partialFingerprints: object }) => one.partialFingerprints,
    );
  expect(prints(moved)).toEqual(prints(report));
  expect(new Set(prints(report).map((one: object) => JSON.stringify(one))).size).toBe(report.findings.length);
});
