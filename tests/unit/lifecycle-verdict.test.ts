import { describe, expect, test } from "vitest";
import type { Owner } from "../../lib/owner.ts";
import type { CheckResult, LedgerResult, PhaseName, PhaseResult, Status, Verdict } from "../../lifecycle/result.ts";
import { exitCode, judge } from "../../lifecycle/verdict.ts";

const CLEAN: LedgerResult = { before: {}, after: {}, left: [], lost: [] };
const DIRTY: LedgerResult = { ...CLEAN, left: [{ kind: "volume", id: "v", name: "wiki_data" }] };

function check(name: string, status: "passed" | "not-run" = "passed"): CheckResult {
  return { name, title: name, status, startMs: 0, durationMs: 1 };
}

function phase(name: PhaseName, checks: CheckResult[] = [check(`${name}.ok`)], status: Status = "passed"): PhaseResult {
  return { name, status, startMs: 0, durationMs: 1, checks };
}

const failed = (name: string, owner: Owner = "recipe"): CheckResult => ({
  ...{ name, title: name, startMs: 0, durationMs: 1 },
  ...{ status: "failed", error: "it broke\nin several lines", owner },
});
const recipes = phase("install", [failed("install.answers")], "failed");
const infra = phase("prepare", [failed("prepare.images", "infra")], "failed");
const base = phase("prepare", [failed("prepare.render", "base")], "failed");
const author = phase("custom", [failed("custom.login", "author")], "failed");
const needed = phase("install", [failed("install.db.converged", "dependency")], "failed");
const defect = phase("install", [failed("install.answers", "defect")], "failed");
const again: CheckResult = {
  ...{ name: "backup.holds", title: "It holds", startMs: 0, durationMs: 1 },
  ...{ status: "passed", repeated: ["it was empty\nin several lines"] },
};
const notRun: PhaseResult = { ...phase("upgrade", [], "not-run"), reason: "install failed" };
const skipped: PhaseResult = { ...phase("upgrade", [], "skipped"), reason: "no release" };

describe("a run is judged", () => {
  test.each<[string, PhaseResult[], LedgerResult, boolean, Verdict, string]>([
    ["all held", [phase("install"), phase("destroy")], CLEAN, false, "pass", "all 2 checks held"],
    [
      "a phase does not apply",
      [phase("install"), skipped],
      CLEAN,
      false,
      "pass",
      "all 1 checks held; does not apply: upgrade",
    ],
    [
      "a check held on repetition",
      [phase("backup", [again])],
      CLEAN,
      false,
      "flaky",
      "backup.holds held on repetition only: it was empty",
    ],
    [
      "a check held on repetition, and another failed",
      [phase("backup", [again]), recipes],
      CLEAN,
      false,
      "fail",
      "install.answers: it broke",
    ],
    ["the recipe failed", [recipes, notRun], CLEAN, false, "fail", "install.answers: it broke"],
    ["the machinery failed", [infra, notRun], CLEAN, false, "infra", "prepare.images: it broke"],
    ["the base is broken", [base, notRun], CLEAN, false, "blocked", "prepare.render: it broke"],
    ["the base is broken, and the machinery", [infra, base], CLEAN, false, "blocked", "prepare.render: it broke"],
    ["a recipe that it needs is broken", [infra, needed], CLEAN, false, "blocked", "install.db.converged: it broke"],
    ["a check itself is broken", [author], CLEAN, false, "blocked", "custom.login: it broke"],
    ["recipe-ci is broken", [defect], CLEAN, false, "infra", "install.answers: it broke"],
    ["the recipe and a check are broken", [recipes, author], CLEAN, false, "fail", "install.answers: it broke"],
    ["the base and the recipe are broken", [base, recipes], CLEAN, false, "fail", "install.answers: it broke"],
    ["both failed", [infra, recipes], CLEAN, false, "fail", "install.answers: it broke"],
    ["the recipe failed and something survived", [recipes], DIRTY, false, "fail", "install.answers: it broke"],
    ["all held, but something survived", [phase("install")], DIRTY, false, "infra", "1 objects survived teardown"],
    ["it was cancelled", [phase("install"), notRun], CLEAN, true, "blocked", "the run was cancelled"],
    ["it was cancelled in a check", [infra], CLEAN, true, "blocked", "the run was cancelled"],
    ["the recipe failed, then it was cancelled", [recipes], CLEAN, true, "fail", "install.answers: it broke"],
    ["a phase was not run", [phase("install"), notRun], CLEAN, false, "blocked", "upgrade was not run: install failed"],
    ["nothing at all was checked", [], CLEAN, false, "blocked", "nothing was checked"],
    ["everything was skipped", [skipped], CLEAN, false, "blocked", "nothing was checked"],
    [
      "a planned check was not run, though nothing failed",
      [phase("install", [check("install.ok"), check("install.answers", "not-run")], "failed")],
      CLEAN,
      false,
      "infra",
      "install.answers was not run, though nothing failed",
    ],
    [
      "several failed",
      [phase("install", [failed("install.a"), failed("install.b"), failed("install.c")], "failed")],
      CLEAN,
      false,
      "fail",
      "install.a: it broke (and 2 more)",
    ],
  ])("%s", (_, phases, ledger, cancelled, verdict, reason) => {
    expect(judge(phases, ledger, cancelled)).toEqual({ verdict, reason });
  });
});

describe("the exit code", () => {
  test.each<[Verdict, LedgerResult, number]>([
    ["pass", CLEAN, 0],
    ["flaky", CLEAN, 0],
    ["fail", CLEAN, 1],
    ["infra", CLEAN, 3],
    ["blocked", CLEAN, 3],
    ["pass", DIRTY, 4],
    ["fail", DIRTY, 4],
    ["infra", DIRTY, 4],
  ])("of %s, left %j, is %d", (verdict, ledger, code) => {
    expect(exitCode({ verdict, reason: "" }, ledger)).toBe(code);
  });
});
