import { expect, test } from "vitest";
import type { Failed, RunResult, Verdict } from "../../lifecycle/result.ts";
import { renderJunit } from "../../report/junit.ts";
import { failingRun, HOSTILE } from "../fixtures/failing-run.ts";
import { passingRun } from "../fixtures/passing-run.ts";

test("a suite for each phase and a case for each check, counted", () => {
  const xml = renderJunit(passingRun);
  expect(xml.match(/<testsuite /g)).toHaveLength(passingRun.phases.length);
  const checks = passingRun.phases.flatMap((phase) => phase.checks);
  expect(xml.match(/<testcase /g)).toHaveLength(checks.length);
  expect(xml).toContain(`tests="${checks.length}" failures="0" errors="0" skipped="0" time="24.547"`);
  expect(xml).toContain('<testcase classname="custom-html.install" name="converged" time="1.552">');
  expect(xml).toContain('timestamp="2026-03-14T09:26:54"');
  expect(xml).toContain('<property name="head" value="1.11.0+1.29.0"/>');
});

test("a recipe's failure is a failure, the machinery's an error, what did not run is skipped", () => {
  const xml = renderJunit(failingRun);
  expect(xml).toContain('failures="1" errors="1" skipped="4"');
  expect(xml).toContain(
    '<failure message="seed /ci-seed.txt: not within 30.0 s; last seen: 404 Not Found" type="recipe">',
  );
  expect(xml).toContain('<error message="2 objects of the run are still there');
  expect(xml).toMatch(/classname="custom-html\.backup" name="phase".*\n\s*<skipped message="The upgrade failed\."\/>/);
});

test("a failure of the base is no failure of the recipe", () => {
  const xml = renderJunit(oneCheck({ status: "failed", error: "release 1.0.0+1: unreadable", owner: "base" }));
  expect(xml).toContain('<error message="release 1.0.0+1: unreadable" type="base">');
  expect(xml).toContain('failures="0" errors="1"');
});

test("neither is one of a dependency, and what was deployed beside the recipe is said", () => {
  const xml = renderJunit(oneCheck({ status: "failed", error: "dependency keycloak: it ended", owner: "dependency" }));
  expect(xml).toContain('<error message="dependency keycloak: it ended" type="dependency">');
  expect(renderJunit(passingRun)).toContain('<property name="needs" value="keycloak 2.1.0+26.1.0"/>');
});

test("lint adds no case: it is no part of the verdict", () => {
  expect(renderJunit(failingRun)).toBe(renderJunit({ ...failingRun, lint: undefined }));
});

test("markup in errors and evidence stays text", () => {
  const xml = renderJunit(failingRun);
  expect(xml).not.toContain("<script");
  expect(xml).not.toContain("]]>");
  expect(xml).toContain("&lt;script&gt;window.pwned");
  expect(HOSTILE).toContain("<script>");
});

test("characters that XML forbids and escape sequences never reach the file", () => {
  const error = "\u001b[31mred\u001b[0m \u0000 \u000b \ud800 \ufffe \u0085 tab\there 😀";
  const xml = renderJunit(oneCheck({ status: "failed", error, owner: "recipe" }));
  const outside = /[^\t\n\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;
  expect(xml).not.toMatch(outside);
  expect(xml).toContain(">red ␀ ␋ � � � tab\there 😀</failure>");
});

test("a line break in an attribute survives a parser", () => {
  expect(renderJunit({ ...passingRun, reason: "one\ntwo" })).toContain('name="reason" value="one&#10;two"');
});

test.each<[Verdict, RegExp]>([
  ["fail", /<failure message="fail: why" type="recipe">/],
  ["infra", /<error message="infra: why" type="infra">/],
  ["blocked", /<error message="blocked: why" type="infra">/],
])("a %s verdict that no check explains is red all the same", (verdict, red) => {
  const xml = renderJunit({ ...oneCheck({ status: "passed" }), verdict, reason: "why" });
  expect(xml).toMatch(red);
  expect(xml).toContain('<testsuites name="custom-html custom-html-3f9a1c" tests="2"');
});

test("a phase that broke between two checks is red", () => {
  const result = oneCheck({ status: "passed" });
  const phases = result.phases.map((phase) => ({ ...phase, status: "failed", reason: "up ended with 255" }) as const);
  expect(renderJunit({ ...result, phases, verdict: "infra" })).toContain('<error message="up ended with 255"');
});

test.each<Verdict>(["pass", "flaky"])("a %s verdict adds no case", (verdict) => {
  expect(renderJunit({ ...oneCheck({ status: "passed" }), verdict })).toContain('tests="1" failures="0" errors="0"');
});

function oneCheck(check: Failed | { status: "passed" }): RunResult {
  const full = { name: "install.http", title: "It answers", startMs: 0, durationMs: 5, ...check };
  const status = check.status;
  return { ...passingRun, phases: [{ name: "install", status, startMs: 0, durationMs: 5, checks: [full] }] };
}
