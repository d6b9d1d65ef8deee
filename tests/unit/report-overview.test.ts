import { expect, test } from "vitest";
import { renderOverview } from "../../report/html/overview.ts";
import { renderJunit, renderJunitOf } from "../../report/junit.ts";
import { type Overview, overviewCounts, overviewLine } from "../../report/overview.ts";
import { failingRun } from "../fixtures/failing-run.ts";
import { passingRun } from "../fixtures/passing-run.ts";

const overview: Overview = {
  startedAt: "2026-03-14T09:26:53.589Z",
  durationMs: 61_000,
  runs: [
    { recipe: "custom-html", result: passingRun },
    { recipe: "broken", result: { ...failingRun, recipe: "broken", run: "broken-1" } },
    { recipe: "untold", trouble: "error: <b>no result</b>\nthe process was killed" },
  ],
};

test("is one JUnit file with every suite of every run, and an error for one without a result", () => {
  const xml = renderJunitOf(overview);
  const suites = (text: string) => text.match(/<testsuite name="[^"]*"/g) ?? [];
  expect(suites(xml)).toHaveLength(passingRun.phases.length + suites(renderJunit(failingRun)).length + 1);
  for (const suite of suites(renderJunit(passingRun))) expect(suites(xml)).toContain(suite);
  expect(xml).toContain('<testsuites name="3 recipes"');
  expect(xml).toContain('time="61.000"');
  expect(xml).toContain('<error message="error: &lt;b&gt;no result&lt;/b&gt;" type="infra">');
});

test("is one page with a link to each run's own, as bad as the worst of them", () => {
  const page = renderOverview(overview, (run) => `../runs/${run}/report.html`);
  expect(page).toContain(`<a href="../runs/${passingRun.run}/report.html">custom-html</a>`);
  expect(page).toContain('<a href="../runs/broken-1/report.html">broken</a>');
  expect(page).toContain('<header class="bad">');
  expect(page).toContain("error: &lt;b&gt;no result&lt;/b&gt;");
  expect(page).not.toMatch(/<script|<b>/);
  const good = renderOverview({ ...overview, runs: overview.runs.slice(0, 1) }, String);
  expect(good).toContain('<header class="good">');
});

test("is told in words", () => {
  expect(overviewCounts(overview)).toBe("1 passed, 1 failed, 1 no verdict");
  expect(overview.runs.map(overviewLine)).toEqual([
    expect.stringMatching(/^custom-html: passed, \d+ passed, 24\.5 s$/),
    expect.stringMatching(/^broken: failed, .*\n {8}\S/),
    "untold: no verdict\n        error: <b>no result</b>",
  ]);
});
