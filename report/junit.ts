import type { Owner } from "../lib/owner.ts";
import { abridge, firstLine } from "../lib/plain-text.ts";
import { plural } from "../lib/plural.ts";
import type { CheckResult, PhaseResult, RunResult } from "../lifecycle/result.ts";
import { evidenceItems } from "./evidence.ts";
import type { Overview, Untold } from "./overview.ts";
import { saidBy } from "./said.ts";
import { dependenciesOf, versionName } from "./tally.ts";
import { toolVersion } from "./tool-version.ts";
import { xmlAttributes, xmlText } from "./xml.ts";

const ERROR_LIMIT = 64_000;
/** Verdicts that need no red test case. */
const GREEN = new Set(["pass", "flaky"]);

/**
 * JUnit XML: a suite for each phase, a case for each check, in the form the Jenkins plugin publishes
 * (https://github.com/jenkinsci/xunit-plugin, `junit-10.xsd`) and GitLab and Forgejo's tools read. A check that
 * failed through the machinery is an `error`, one that failed through the recipe a `failure`. What has no check of
 * its own to show it (a phase that was skipped or broke between two checks, a verdict no check explains) gets a
 * case, so that the file is never greener than the verdict. Times are in seconds.
 */
export function renderJunit(result: RunResult): string {
  return suitesFile(`${result.recipe} ${result.run}`, result.durationMs, suitesOf(result));
}

/** The same of several runs in one file, and an `error` for each recipe that a run said nothing of. */
export function renderJunitOf({ durationMs, runs }: Overview): string {
  const suites = runs.flatMap((one) => ("result" in one ? suitesOf(one.result) : [untold(one)]));
  return suitesFile(plural(runs.length, "recipe"), durationMs, suites);
}

function suitesOf(result: RunResult): Suite[] {
  const head = { recipe: result.recipe, startedAt: result.startedAt, properties: properties(result) };
  const suites: Suite[] = result.phases.map((phase) => ({ ...head, phase, cases: casesOf(phase, ownerOf(result)) }));
  const anyRed = suites.some(({ cases }) => cases.some((check) => check.status === "failed"));
  if (!anyRed && !GREEN.has(result.verdict)) suites.push({ ...head, ...verdictSuite(result) });
  return suites;
}

function untold({ recipe, trouble }: Untold): Suite {
  const phase = { name: "run", startMs: 0, durationMs: 0 };
  const failed = { ...standFor(phase), status: "failed", error: trouble, owner: "infra" } as const;
  return { recipe, startedAt: "", properties: { recipeCi: toolVersion() }, phase, cases: [failed] };
}

function suitesFile(name: string, durationMs: number, suites: readonly Suite[]): string {
  const head = xmlAttributes({ name, ...counts(suites.flatMap(({ cases }) => cases)), time: seconds(durationMs) });
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>', `<testsuites${head}>`, ...suites.flatMap(suite)];
  return [...lines, "</testsuites>", ""].join("\n");
}

type PhaseLike = Pick<PhaseResult, "startMs" | "durationMs"> & { name: string };

interface Suite {
  recipe: string;
  /** Of the run. */
  startedAt: string;
  properties: Record<string, string | undefined>;
  phase: PhaseLike;
  cases: CheckResult[];
}

/** A phase's checks, and one more in its own name where they would not show how it ended. */
function casesOf(phase: PhaseResult, owner: Owner): CheckResult[] {
  const shown = phase.checks.some((check) => check.status === phase.status);
  if (shown || phase.status === "passed") return phase.checks;
  const { status, reason } = phase;
  const how = status === "failed" ? { status, owner, error: reason ?? STATUS_WORDS.failed } : { status, reason };
  return [...phase.checks, { ...standFor(phase), ...how }];
}

function verdictSuite(result: RunResult): Pick<Suite, "phase" | "cases"> {
  const phase = { name: "verdict", startMs: result.durationMs, durationMs: 0 };
  const error = `${result.verdict}: ${result.reason}`;
  return { phase, cases: [{ ...standFor(phase), status: "failed", error, owner: ownerOf(result) }] };
}

function standFor({ name, startMs, durationMs }: PhaseLike) {
  return { name: `${name}.phase`, title: `${name} as a whole`, startMs, durationMs };
}

function ownerOf(result: RunResult): Owner {
  return result.verdict === "fail" ? "recipe" : "infra";
}

function suite({ recipe, startedAt, properties, phase, cases }: Suite): string[] {
  const head = xmlAttributes({
    name: `${recipe}.${phase.name}`,
    ...counts(cases),
    time: seconds(phase.durationMs),
    timestamp: timestamp(startedAt, phase.startMs),
  });
  return [
    `  <testsuite${head}>`,
    "    <properties>",
    ...Object.entries(properties)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `      <property${xmlAttributes({ name, value })}/>`),
    "    </properties>",
    ...cases.flatMap((check) => testCase(check, `${recipe}.${phase.name}`)),
    "  </testsuite>",
  ];
}

function properties(result: RunResult): Record<string, string | undefined> {
  const needs = dependenciesOf(result).map((one) => `${one.recipe} ${versionName(one)}`);
  return {
    run: result.run,
    verdict: result.verdict,
    reason: result.reason,
    base: result.base?.version,
    baseCommit: result.base?.commit,
    head: result.head.version,
    headCommit: result.head.commit,
    needs: needs.length > 0 ? needs.join(", ") : undefined,
    node: result.node.kind,
    engine: result.node.engineVersion,
    recipeCi: toolVersion(),
  };
}

function testCase(check: CheckResult, classname: string): string[] {
  const head = xmlAttributes({ classname, name: check.name.replace(/^[^.]*\./, ""), time: seconds(check.durationMs) });
  const output = [
    check.title,
    check.status === "passed" ? check.summary : undefined,
    ...evidenceItems(check.evidence).map(({ name, text }) => `${name}: ${text}`),
  ];
  return [
    `    <testcase${head}>`,
    ...outcome(check).map((line) => `      ${line}`),
    `      <system-out>${xmlText(output.filter(Boolean).join("\n"))}</system-out>`,
    "    </testcase>",
  ];
}

function outcome(check: CheckResult): string[] {
  if (check.status === "passed") return [];
  const reason = saidBy(check) ?? STATUS_WORDS[check.status];
  if (check.status !== "failed") return [`<skipped${xmlAttributes({ message: firstLine(reason) })}/>`];
  const element = check.owner === "recipe" ? "failure" : "error";
  const head = xmlAttributes({ message: firstLine(reason), type: check.owner });
  return [`<${element}${head}>${xmlText(abridge(reason, ERROR_LIMIT))}</${element}>`];
}

const STATUS_WORDS = { failed: "failed without a message", skipped: "skipped", "not-run": "not run" };

function counts(cases: readonly CheckResult[]) {
  const failed = cases.filter((check) => check.status === "failed");
  const errors = failed.filter(({ owner }) => owner !== "recipe").length;
  const skipped = cases.filter((check) => check.status === "skipped" || check.status === "not-run").length;
  return { tests: cases.length, failures: failed.length - errors, errors, skipped };
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

/** UTC without a zone, as the schema wants it. */
function timestamp(startedAt: string, afterMs: number): string {
  const start = Date.parse(startedAt);
  return Number.isNaN(start) ? "1970-01-01T00:00:00" : new Date(start + afterMs).toISOString().slice(0, 19);
}
