import { describe, expect, test } from "vitest";
import type { CheckRecord } from "../../checks/recorder.ts";
import { Course } from "../../lifecycle/course.ts";
import { PhaseLog } from "../../lifecycle/phase-log.ts";
import type { PlannedPhase } from "../../stacks/plan/planned.ts";
import { strides } from "../../stacks/strides.ts";
import { quietListener } from "../fixtures/quiet-listener.ts";
import { appSpec } from "../fixtures/spec.ts";

const app = appSpec();

function planned(name: PlannedPhase["name"], ...checks: string[]): PlannedPhase {
  const run = async () => ({ summary: "" });
  return { name, app, checks: checks.map((check) => ({ name: `${name}.${check}`, title: check, run, after: [] })) };
}

const left = (name: PlannedPhase["name"]): PlannedPhase => ({ name, app, skip: "not here", checks: [] });
const held = (name: string): CheckRecord => ({
  ...{ name, title: name, startedAt: Date.now(), durationMs: 1 },
  ...{ status: "passed", summary: "" },
});
const failed = (name: string): CheckRecord => ({
  ...{ name, title: name, startedAt: Date.now(), durationMs: 1 },
  ...{ status: "failed", error: "no", owner: "recipe" },
});

function started(...phases: PlannedPhase[]) {
  const log = new PhaseLog(quietListener);
  return { log, course: new Course(log, phases, () => "2 created") };
}

const seen = (log: PhaseLog) =>
  log.phases.map(({ name, status, checks }) => [
    name,
    status,
    ...checks.map((check) => `${check.name} ${check.status}`),
  ]);

describe("an up goes through the phases of its stride", () => {
  test("by the checks that hold: deployed once, each check in its phase, what is left out in its place", () => {
    const { log, course } = started(
      planned("upgrade", "a", "b"),
      left("backup"),
      planned("restore", "c"),
      left("custom"),
    );
    for (const name of ["upgrade.b", "upgrade.a", "restore.c"]) course.addCheck(held(name));
    course.end(false);
    expect(seen(log)).toEqual([
      ["upgrade", "passed", "upgrade.deployed passed", "upgrade.b passed", "upgrade.a passed"],
      ["backup", "skipped"],
      ["restore", "passed", "restore.c passed"],
      ["custom", "skipped"],
    ]);
    expect(log.phases[0]?.checks[0]).toMatchObject({ summary: "2 created" });
  });

  test("to the first check that does not hold: the rest of its phase and the phases after it were not run", () => {
    const { log, course } = started(planned("upgrade", "a", "b"), planned("backup", "c"), left("custom"));
    course.addCheck(failed("upgrade.a"));
    course.end(false);
    expect(seen(log)).toEqual([
      ["upgrade", "failed", "upgrade.deployed passed", "upgrade.a failed", "upgrade.b not-run"],
      ["backup", "not-run"],
      ["custom", "not-run"],
    ]);
    expect(log.phases[1]?.reason).toBe("upgrade failed");
  });

  test("a check that runs before the app stands does not show that it does", () => {
    const early = planned("install", "repository", "converged");
    for (const check of early.checks) check.early = check.name === "install.repository";
    const { log, course } = started(early);
    course.addCheck(held("install.repository"));
    expect(course.failureName).toBe("install.deployed");
    course.addCheck(held("install.converged"));
    expect(course.failureName).toBe("install.machinery");
    course.end(false);
    expect(seen(log)[0]?.slice(2)).toEqual([
      "install.repository passed",
      "install.deployed passed",
      "install.converged passed",
    ]);
  });

  describe("one of which has a check that goes on beside the next phase", () => {
    function besides() {
      const upgrade = planned("upgrade", "a", "steady");
      for (const check of upgrade.checks) check.beside = check.name === "upgrade.steady";
      return started(upgrade, planned("backup", "b"), planned("restore", "c"));
    }

    test("the next begins without it, and it still belongs to its own", () => {
      const { log, course } = besides();
      for (const name of ["upgrade.a", "backup.b", "upgrade.steady", "restore.c"]) course.addCheck(held(name));
      course.end(false);
      expect(seen(log)).toEqual([
        ["upgrade", "passed", "upgrade.deployed passed", "upgrade.a passed", "upgrade.steady passed"],
        ["backup", "passed", "backup.b passed"],
        ["restore", "passed", "restore.c passed"],
      ]);
    });

    test("a failure of it is its own phase's, whatever came of the next", () => {
      const { log, course } = besides();
      course.addCheck(held("upgrade.a"));
      course.addCheck(failed("upgrade.steady"));
      course.addCheck(failed("backup.b"));
      course.end(false);
      expect(seen(log)).toEqual([
        ["upgrade", "failed", "upgrade.deployed passed", "upgrade.a passed", "upgrade.steady failed"],
        ["backup", "failed", "backup.b failed"],
        ["restore", "not-run"],
      ]);
      expect(log.brokenBy()).toBe("upgrade");
    });

    test("where it never ended it was not run", () => {
      const { log, course } = besides();
      course.addCheck(held("upgrade.a"));
      course.addCheck(failed("backup.b"));
      course.end(false);
      expect(seen(log)[0]).toEqual([
        "upgrade",
        "failed",
        "upgrade.deployed passed",
        "upgrade.a passed",
        "upgrade.steady not-run",
      ]);
    });
  });

  describe("one of which begins with the one before", () => {
    function alongside() {
      const move = { ...planned("move", "b"), alongside: true };
      return started(planned("restore", "a"), move, planned("custom", "c"));
    }

    test.each([
      ["the first", ["restore.a", "move.b", "custom.c"]],
      ["the second", ["move.b", "restore.a", "custom.c"]],
    ])("the next waits for both, where %s ends first", (_, order) => {
      const { log, course } = alongside();
      expect(log.phases.map(({ name }) => name)).toEqual(["restore", "move"]);
      for (const name of order) course.addCheck(held(name));
      course.end(false);
      expect(seen(log).map(([name, status, ...checks]) => `${name} ${status}: ${checks.at(-1) ?? ""}`)).toEqual([
        "restore passed: restore.a passed",
        "move passed: move.b passed",
        "custom passed: custom.c passed",
      ]);
      expect(log.phases[2]?.startMs).toBeGreaterThanOrEqual(log.phases[1]?.startMs ?? Number.NaN);
    });

    test("a failure is of the one that it is in, and the other is gone through", () => {
      const { log, course } = alongside();
      course.addCheck(failed("move.b"));
      course.addCheck(held("restore.a"));
      course.end(false);
      expect(log.phases.map(({ name, status }) => [name, status])).toEqual([
        ["restore", "passed"],
        ["move", "failed"],
        ["custom", "not-run"],
      ]);
    });
  });

  test("a cancelled one says so of every phase it did not reach", () => {
    const { log, course } = started(planned("upgrade", "a"), planned("backup", "c"));
    course.addCheck(held("upgrade.a"));
    course.end(true);
    expect(seen(log)).toEqual([
      ["upgrade", "passed", "upgrade.deployed passed", "upgrade.a passed"],
      ["backup", "failed", "backup.c not-run"],
    ]);
  });
});

describe("strides", () => {
  const names = (plan: PlannedPhase[]) => strides(plan).map((stride) => stride.map(({ name }) => name));

  test("begin where another version is deployed", () => {
    const plan = [planned("install", "a"), planned("upgrade", "b"), planned("backup", "c"), left("custom")];
    expect(names(plan)).toEqual([["install"], ["upgrade", "backup", "custom"]]);
  });

  test("are one where nothing is upgraded", () => {
    expect(names([planned("install", "a"), left("upgrade"), planned("backup", "c")])).toEqual([
      ["install", "upgrade", "backup"],
    ]);
  });
});
