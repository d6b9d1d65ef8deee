import { describe, expect, test, vi } from "vitest";
import type { CheckRecord } from "../../checks/recorder.ts";
import { PhaseLog, type RunListener } from "../../lifecycle/phase-log.ts";

function listener() {
  return {
    phaseStarted: vi.fn<RunListener["phaseStarted"]>(),
    checkEnded: vi.fn<RunListener["checkEnded"]>(),
    phaseEnded: vi.fn<RunListener["phaseEnded"]>(),
    standsIn: vi.fn<RunListener["standsIn"]>(),
    progress: vi.fn<RunListener["progress"]>(),
    step: vi.fn<RunListener["step"]>(),
    engineEvent: vi.fn<RunListener["engineEvent"]>(),
  };
}

const BOOM = { status: "failed", error: "boom", owner: "infra" } as const;

function record(name: string, containerMs?: number): CheckRecord {
  return { name, title: name, status: "passed", summary: "", startedAt: Date.now(), durationMs: 1, containerMs };
}

function failedRecord(name: string): CheckRecord {
  return { name, title: name, startedAt: Date.now(), durationMs: 1, ...BOOM };
}

describe("a phase", () => {
  test("passes when every check of it did, and its listener hears all of it in order", () => {
    const told = listener();
    const log = new PhaseLog(told);
    log.start("install");
    log.addCheck(record("install.converged", 20));
    log.addCheck(record("install.answers", 10));
    log.end();
    expect(log.phases).toMatchObject([{ name: "install", status: "passed", containerMs: 20 }]);
    expect(log.phases[0]?.checks[0]).not.toHaveProperty("startedAt");
    expect(log.phases[0]?.checks[0]?.startMs).toBeGreaterThanOrEqual(0);
    expect(log.failed).toBe(false);
    expect(told.phaseStarted.mock.calls).toEqual([["install"]]);
    expect(told.checkEnded.mock.calls.map(([check]) => check.name)).toEqual(["install.converged", "install.answers"]);
    expect(told.phaseEnded.mock.calls).toEqual([[log.phases[0]]]);
  });

  test("fails when it is over as well, where it is known later", () => {
    const log = new PhaseLog(listener());
    for (const name of ["install", "custom"] as const) {
      log.start(name);
      log.addCheck(record(`${name}.converged`));
      log.end();
    }
    log.addCheck(failedRecord("install.ended"));
    expect(log.phases.map(({ status }) => status)).toEqual(["failed", "passed"]);
  });

  test("fails when one check did", () => {
    const log = new PhaseLog(listener());
    log.start("install");
    log.addCheck(record("a"));
    log.addCheck(failedRecord("b"));
    log.end();
    log.skip("upgrade", "no release");
    expect(log.phases.map(({ status }) => status)).toEqual(["failed", "skipped"]);
    expect([log.failed, log.brokenBy()]).toEqual([true, "install"]);
  });

  test("fails when a planned check was not run, which is noted once", () => {
    const log = new PhaseLog(listener());
    log.start("install");
    log.addCheck(record("a"));
    log.missing("a", "A");
    log.missing("b", "B");
    log.end();
    expect(log.phases[0]).toMatchObject({
      status: "failed",
      checks: [
        { name: "a", status: "passed" },
        { name: "b", title: "B", status: "not-run" },
      ],
    });
    expect(log.phases[0]?.checks).toHaveLength(2);
  });

  test("that is left out or not reached says why", () => {
    const told = listener();
    const log = new PhaseLog(told);
    log.skip("upgrade", "no release");
    log.notRun("backup", "install failed");
    expect(log.phases).toMatchObject([
      { name: "upgrade", status: "skipped", reason: "no release", checks: [] },
      { name: "backup", status: "not-run", reason: "install failed", checks: [] },
    ]);
    expect(told.phaseEnded).toHaveBeenCalledTimes(2);
    expect(log.failed).toBe(false);
  });
});

describe("a failure of the machinery", () => {
  test("fails the phase that goes on", () => {
    const log = new PhaseLog(listener());
    log.start("install");
    log.addCheck(failedRecord("run.machinery"));
    log.end();
    expect(log.phases).toMatchObject([{ status: "failed", checks: [{ error: "boom", owner: "infra" }] }]);
  });

  test("between two phases fails the one before: it is never lost", () => {
    const log = new PhaseLog(listener());
    log.start("prepare");
    log.addCheck(record("prepare.images"));
    log.end();
    log.addCheck(failedRecord("run.machinery"));
    log.end();
    expect(log.failed).toBe(true);
    expect(log.phases).toMatchObject([{ name: "prepare", status: "failed" }]);
    expect(log.phases[0]?.checks.map(({ name }) => name)).toEqual(["prepare.images", "run.machinery"]);
  });
});
