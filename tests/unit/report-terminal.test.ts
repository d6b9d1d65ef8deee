import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import type { Owner } from "../../lib/owner.ts";
import type { CheckResult } from "../../lifecycle/result.ts";
import { liveLine, phaseHeading, phaseLine, standInLines } from "../../report/terminal/live.ts";
import { type Look, lookOf } from "../../report/terminal/look.ts";
import { summary } from "../../report/terminal/summary.ts";
import { failingRun } from "../fixtures/failing-run.ts";
import { passingRun } from "../fixtures/passing-run.ts";

const paths = { json: "/runs/r/result.json", junit: "/runs/r/junit.xml", html: "/runs/r/report.html", badge: "" };
const PLAIN: Look = { plain: true, columns: 80 };
const COLOURED: Look = { plain: false, columns: 100 };
const everyLine = (look: Look) =>
  [passingRun, failingRun].flatMap((result) => [
    ...result.phases.flatMap((phase) => [
      phaseHeading(phase.name, look),
      ...phase.checks.map((check) => liveLine(check, look)),
      phaseLine(phase, look),
    ]),
    ...standInLines(result.standIns, look).split("\n"),
    ...summary(result, paths, look).split("\n"),
  ]);

test("a plain screen gets ASCII alone, in at most 80 columns", () => {
  for (const line of everyLine(PLAIN)) {
    expect(line).toMatch(/^[\n\x20-\x7e]*$/);
    if (!line.includes("/runs/r/")) expect(line.length).toBeLessThanOrEqual(80);
  }
});

test("a coloured screen gets colours, and nothing but them beside text", () => {
  const lines = everyLine(COLOURED);
  expect(lines.join("")).toContain("\u001b[31m");
  for (const line of lines) {
    const text = stripVTControlCharacters(line);
    expect(text).not.toMatch(/[^\P{Cc}\n]/u);
    if (!text.includes("/runs/r/")) expect(text.length).toBeLessThanOrEqual(100);
  }
});

test("plain where there is no terminal, a dumb one, or NO_COLOR", () => {
  const terminal = { isTTY: true, columns: 132 };
  expect(lookOf(terminal, {})).toEqual({ plain: false, columns: 100 });
  expect(lookOf(terminal, { NO_COLOR: "1" }).plain).toBe(true);
  expect(lookOf(terminal, { NO_COLOR: "" }).plain).toBe(false);
  expect(lookOf(terminal, { TERM: "dumb" }).plain).toBe(true);
  expect(lookOf({}, {}).plain).toBe(true);
  expect(lookOf({ isTTY: true, columns: 40 }, {}).columns).toBe(80);
});

test("a check's line says how it ended, how long it took and why", () => {
  const check = { name: "install.http", title: "It answers", startMs: 0, durationMs: 1_240 };
  expect(liveLine({ ...check, status: "passed", summary: "200 on /" }, PLAIN)).toBe(
    "  ok   install.http                  1.2 s  200 on /",
  );
  expect(liveLine({ ...check, status: "failed", error: "\n404 instead of 200\nmore", owner: "recipe" }, PLAIN)).toBe(
    "  FAIL install.http                  1.2 s  404 instead of 200",
  );
  expect(liveLine({ ...check, status: "not-run", durationMs: 0 }, PLAIN)).toBe("  -    install.http");
});

test("stand-ins are told by their names, whoever reads the first lines alone", () => {
  const two = ["nginx:1.26.3", "busybox:1.37.0"].map((image) => ({ image }));
  expect(standInLines(two, PLAIN)).toBe(
    "  on 2 stand-ins, built here under the names of images: nginx:1.26.3,\n  busybox:1.37.0",
  );
});

test("escape sequences in a recipe's output never reach the terminal", () => {
  const hostile = { ...passingRun, warnings: ["\u001b]0;owned\u0007\u001b[2Jcleared\u009b1m"] };
  const text = summary(hostile, paths, PLAIN);
  expect(text).toContain("cleared");
  expect(text).not.toMatch(/[^\P{Cc}\n]/u);
});

test("a red summary ends with the verdict and holds every error whole, what was left, and the paths", () => {
  const text = summary(failingRun, paths, PLAIN);
  expect(text.split("\n\n").at(-1)).toMatch(
    /^FAILED {2}custom-html 1\.10\.0\+1\.28\.0 -> c81de42f9a {2}in 3 min 09 s\n/,
  );
  for (const part of [
    "      seed /ci-seed.txt: not within 30.0 s; last seen: 404 Not Found\n",
    "        base  content -> /usr/share/nginx/html\n",
    "(machinery or network, not the recipe)",
    "Left behind on the node: 2 objects\n  - volume cust-b07e44_ci_test_content (cust-b07e44_) on local-worker-1\n",
    "Gone though not the run's own: 1 object\n  - config neighbour_nginx_conf",
    "not judged: what bears no label, since run-blog",
    "/runs/r/report.html",
    "/runs/r/logs/cust-b07e44_ci_test_app.log",
  ])
    expect(text).toContain(part);
});

test("a failure says when not the recipe is at fault", () => {
  const owned = (owner: Owner) => {
    const failed = {
      name: "prepare.x",
      title: "",
      status: "failed" as const,
      startMs: 0,
      durationMs: 1,
      error: "x",
      owner,
    };
    const phases = [
      { name: "prepare" as const, status: "failed" as const, startMs: 0, durationMs: 1, checks: [failed] },
    ];
    return summary({ ...passingRun, verdict: "blocked", phases }, paths, PLAIN);
  };
  expect(owned("base")).toContain("(the release before, not head)");
  expect(owned("infra")).toContain("(machinery or network, not the recipe)");
  expect(owned("author")).toContain("(its ci.ts, not the recipe)");
  expect(owned("defect")).toContain("(recipe-ci itself, not the recipe)");
  expect(owned("recipe")).not.toMatch(/not (the recipe|head)\)/);
});

test("the table sets each phase's time against its containers'", () => {
  const table = summary(passingRun, paths, PLAIN);
  expect(table).toMatch(/^ {2}install {2}passed +5\.0 s +1\.6 s +3\.1x {2}6 passed$/m);
  expect(table).toMatch(/^ {2}custom {3}passed +851 ms +3 passed$/m);
  expect(table).toContain("nothing left, nothing lost");
});

test("the changes are counted in one line, and not spoken of without a base", () => {
  expect(summary(passingRun, paths, PLAIN)).toMatch(/^ {2}From base to head: 4 changes\.$/m);
  expect(summary(failingRun, paths, PLAIN)).toMatch(/^ {2}From base to head: 15 changes, 1 warning, 1 error\.$/m);
  expect(summary({ ...passingRun, changes: undefined }, paths, PLAIN)).not.toContain("From base to head");
});

test("what a recipe needs is told with its version and domain", () => {
  const text = summary(passingRun, paths, PLAIN);
  expect(text).toContain("\n  Needs keycloak 2.1.0+26.1.0 at keyc-7b20de.ci.test\n");
  expect(summary({ ...passingRun, deployments: undefined }, paths, PLAIN)).not.toContain("Needs");
});

test("lint is one line and where to read more, and not spoken of where it could not work", () => {
  expect(summary(passingRun, paths, PLAIN)).toContain(
    "  lint     0 errors, 1 warning, 1 waived; status 3 of 5 (lacks email)\n" +
      "           npx recipe-ci lint custom-html, with this run's --source and --ref\n\n",
  );
  expect(summary(failingRun, paths, PLAIN)).toContain(
    "  lint     1 error, 15 warnings, 2 waived; status 2 of 5 (lacks backups, email,\n           healthcheck)\n",
  );
  expect(summary({ ...passingRun, lint: undefined }, paths, PLAIN)).not.toContain("lint");
});

test("a phase's line holds its times and why it broke; one that never ran says why", () => {
  const phase = { name: "upgrade", startMs: 0, durationMs: 96_400, containerMs: 61_300, checks: [] } as const;
  expect(phaseLine({ ...phase, checks: [], status: "failed", reason: "up ended with 255" }, PLAIN)).toBe(
    "  upgrade failed in 1 min 36 s, containers 1 min 01 s (1.6x): up ended with 255",
  );
  const never = { ...phase, checks: [], containerMs: undefined, status: "not-run", reason: "a ".repeat(60) } as const;
  expect(phaseLine({ ...never, checks: [] }, PLAIN)).toMatch(/^ {2}upgrade not run: a a .*\.\.\.$/);
  const text = summary({ ...passingRun, phases: [{ ...never, checks: [] }] }, paths, PLAIN);
  expect(text).toMatch(/^ {2}upgrade {2}not run {4}a a .*\n {22}a a /m);
});

test("a ledger that nobody could look at is not called clean", () => {
  const ends = (checks: CheckResult[]) => {
    const phases = [{ name: "destroy" as const, status: "failed" as const, startMs: 0, durationMs: 1, checks }];
    return summary({ ...passingRun, phases }, paths, PLAIN);
  };
  const look = { name: "destroy.nothing-left", title: "", startMs: 0, durationMs: 1 };
  expect(ends([{ ...look, status: "failed", error: "no answer", owner: "infra" }])).toContain("Nobody could look");
  expect(ends([{ ...look, status: "not-run" }])).toContain("Nobody could look");
  expect(ends([])).toContain("Nobody has looked yet");
  expect(ends([{ ...look, status: "passed" }])).toContain("nothing left, nothing lost");
});
