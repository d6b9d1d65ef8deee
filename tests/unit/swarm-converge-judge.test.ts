import type Docker from "dockerode";
import { describe, expect, test } from "vitest";
import { connect } from "../../swarm/client.ts";
import { FailureBook } from "../../swarm/converge/converge-failures.ts";
import { failedBefore, failedTasks, isCurrent, judge, lastChange } from "../../swarm/converge/converge-judge.ts";
import { becauseOfThePrevious } from "../../swarm/converge/previous-task.ts";
import type { Task, TaskState } from "../../swarm/task.ts";

const OLD = { ContainerSpec: { Image: "app:1" } };
const NEW = { ContainerSpec: { Image: "app:2" } };

function service(more: Partial<Docker.Service> = {}): Docker.Service {
  const answer: unknown = {
    ID: "s",
    Spec: { Name: "app", Mode: { Replicated: { Replicas: 1 } }, TaskTemplate: { ...NEW, Runtime: "container" } },
    ...more,
  };
  return answer as Docker.Service;
}

function task(state: TaskState, more: Partial<Task> = {}): Task {
  return {
    ID: state,
    CreatedAt: "2026-01-01T00:00:00Z",
    ServiceID: "s",
    DesiredState: "running",
    Spec: NEW,
    Status: { State: state, Timestamp: "2026-01-01T00:00:05Z" },
    ...more,
  };
}

const view = (one: Docker.Service | undefined, ...tasks: Task[]) => ({
  expected: { name: "app" },
  service: one,
  tasks,
});
const job = (mode: Docker.ServiceMode) =>
  service({ Spec: { Name: "app", Mode: mode, TaskTemplate: NEW }, JobStatus: { JobIteration: { Index: 7 } } });

/** A task of what the service was before its update. */
const former = (state: TaskState, CreatedAt: string, more: Partial<Task> = {}) =>
  task(state, { ID: CreatedAt, CreatedAt, Spec: OLD, DesiredState: "shutdown", Slot: 1, ...more });

test("a task of the version before ended by itself where another of that version took its place", () => {
  const ids = (...tasks: Task[]) => failedBefore(view(service(), ...tasks)).map(({ ID }) => ID);
  const last = former("shutdown", "2026-01-01T00:00:09Z");
  expect(ids(former("failed", "1"), former("complete", "2"), last, task("running"))).toEqual(["1", "2"]);
  // What the update itself ended may have failed as it stopped.
  expect(ids(former("failed", "1"), task("running", { Slot: 1, CreatedAt: "2" }))).toEqual([]);
  expect(ids(former("failed", "1"), former("shutdown", "2", { Slot: 2 }))).toEqual([]);
  const done = { ...view(service(), former("complete", "1"), last), expected: { name: "app", mayEnd: true } };
  expect(failedBefore(done)).toEqual([]);
});

describe("what the engine could not start by its own fault", () => {
  const mount = `/var/lib/docker/containers/${"0a".repeat(32)}/mounts/secrets`;
  const Err = `starting container failed: unable to remount dir as readonly: mount tmpfs:${mount}: device or resource busy`;
  const stumble = (one: Task): Task => ({ ...one, Status: { ...one.Status, Err } });
  const check = (...tasks: Task[]) =>
    new FailureBook({ swarm: connect("unix:///nowhere.sock"), services: [], formerToo: true }).check([
      view(service(), ...tasks),
    ]);
  const before = [former("failed", "1"), former("shutdown", "2"), task("running")] as const;

  test("is not held against the version before, for which Swarm started another", async () => {
    await check(stumble(before[0]), before[1], before[2]);
    await expect(check(...before)).rejects.toThrow("that was the version before");
  });

  test("nor against the one of now", async () => {
    await check(stumble(task("failed")), task("running"));
    await expect(check(task("failed"), task("running"))).rejects.toThrow("task failed");
  });
});

describe("a service is at rest", () => {
  test.each([
    ["one task of the current spec runs", view(service(), task("running"))],
    [
      "older tasks are over",
      view(service(), task("running"), task("shutdown", { Spec: OLD, DesiredState: "shutdown" })),
    ],
    ["its update is completed", view(service({ UpdateStatus: { State: "completed" } }), task("running"))],
    [
      "it asks for no task and has none",
      view(service({ Spec: { Mode: { Replicated: { Replicas: 0 } }, TaskTemplate: NEW } })),
    ],
    [
      "it is global and its tasks run",
      view(service({ Spec: { Mode: { Global: {} }, TaskTemplate: NEW } }), task("running")),
    ],
    [
      "its job is complete in this iteration",
      view(
        job({ ReplicatedJob: { TotalCompletions: 1 } }),
        task("complete", { JobIteration: { Index: 7 }, DesiredState: "complete" }),
      ),
    ],
  ])("when %s", (_, seen) => {
    expect(judge(seen)).toMatchObject({ settled: true });
  });
});

describe("a service is not at rest", () => {
  test.each([
    ["it is not there", view(undefined), "there is no service app"],
    [
      "its task is starting, with or without health",
      view(service(), task("starting")),
      "0/1 tasks run, one is starting",
    ],
    ["only the task of the old spec runs", view(service(), task("running", { Spec: OLD })), "previous version"],
    [
      "both run while the new one takes over",
      view(service(), task("running"), task("running", { Spec: OLD, DesiredState: "shutdown" })),
      "previous version",
    ],
    [
      "the update goes on",
      view(service({ UpdateStatus: { State: "updating", Message: "update in progress" } }), task("running")),
      "update in progress",
    ],
    ["it is global and has no task yet", view(service({ Spec: { Mode: { Global: {} }, TaskTemplate: NEW } })), "0/1"],
    [
      "its job was complete in an older iteration",
      view(job({ ReplicatedJob: {} }), task("complete", { JobIteration: { Index: 3 } })),
      "0/1 runs",
    ],
    [
      "fewer replicas run than asked for",
      { ...view(service(), task("running")), expected: { name: "app", replicas: 2 } },
      "1/2 tasks run",
    ],
    ["too many run", view(service(), task("running"), task("running", { ID: "b" })), "2/1 tasks run"],
  ])("when %s", (_, seen, reason) => {
    expect(judge(seen)).toEqual({ settled: false, reason: expect.stringContaining(reason) });
  });
});

describe("an update that Swarm still watches", () => {
  type State = NonNullable<Docker.Service["UpdateStatus"]>["State"];
  const updating = (State: State) => service({ UpdateStatus: { State } });

  test("may be at rest for who does not wait for Swarm", () => {
    expect(judge(view(updating("updating"), task("running")), true)).toMatchObject({ settled: true });
  });

  test.each([
    ["its old task still runs", view(updating("updating"), task("running"), task("running", { Spec: OLD }))],
    ["Swarm paused it", view(updating("paused"), task("running"))],
    ["Swarm goes back", view(updating("rollback_started"), task("running"))],
  ])("is not while %s", (_, seen) => {
    expect(judge(seen, true)).toMatchObject({ settled: false });
  });
});

describe("a failed task", () => {
  test("is one that ended by itself, also with exit code 0", () => {
    const tasks = [task("failed"), task("rejected"), task("complete"), task("running"), task("shutdown")];
    expect(failedTasks(view(service(), ...tasks)).map(({ ID }) => ID)).toEqual(["failed", "rejected", "complete"]);
  });

  test("is none of an older spec", () => {
    expect(failedTasks(view(service(), task("failed", { Spec: OLD })))).toEqual([]);
  });

  test("is not the complete one of a job", () => {
    expect(failedTasks(view(job({ GlobalJob: {} }), task("complete"), task("failed"))).map(({ ID }) => ID)).toEqual([
      "failed",
    ]);
  });
});

describe("a service that may come to an end", () => {
  const restarting = (Condition: "none" | "on-failure" | "any") =>
    service({
      Spec: {
        Name: "init",
        Mode: { Replicated: { Replicas: 1 } },
        TaskTemplate: { ...NEW, RestartPolicy: { Condition } },
      },
    });
  const of = (one: Docker.Service, ...tasks: Task[]) => {
    const Spec = { ...NEW, RestartPolicy: one.Spec?.TaskTemplate?.RestartPolicy };
    const own = tasks.map((each) => (each.Spec === OLD ? each : { ...each, Spec }));
    return { ...view(one, ...own), expected: { name: "init", mayEnd: true } };
  };
  const ids = (tasks: readonly Task[]) => tasks.map(({ ID }) => ID);
  const done = (DesiredState: TaskState) => task("complete", { DesiredState });
  const replaced = task("shutdown", { Spec: OLD, DesiredState: "shutdown" });

  test.each([
    ["none is to be started again", of(restarting("none"), done("shutdown"))],
    ["none is, though it was replaced while it still ran", of(restarting("none"), done("shutdown"), replaced)],
    ["one is only after a failure", of(restarting("on-failure"), done("shutdown"))],
    ["Swarm has yet to take note of it", of(restarting("on-failure"), done("running"))],
    [
      "it came to a good end at its second try",
      of(restarting("on-failure"), task("failed", { DesiredState: "shutdown" }), {
        ...done("shutdown"),
        CreatedAt: "2026-01-01T00:00:09Z",
      }),
    ],
  ])("is at rest once it did, where %s", (_, seen) => {
    expect(judge(seen)).toMatchObject({ settled: true, tasks: [{ ID: "complete" }] });
    expect(ids(failedTasks(seen))).not.toContain("complete");
  });

  test.each([
    ["it is started again whatever comes of it", of(restarting("any"), done("shutdown"))],
    ["it stayed until it was replaced, before", of(restarting("on-failure"), done("shutdown"), replaced)],
    ["others ask it", { ...of(restarting("none"), done("shutdown")), expected: { name: "init" } }],
  ])("has failed once it did, where %s", (_, seen) => {
    expect(judge(seen)).toMatchObject({ settled: false });
    expect(ids(failedTasks(seen))).toEqual(["complete"]);
  });

  test.each([
    ["paused", "update paused due to failure or early termination of task complete", true],
    ["paused", "update paused due to failure or early termination of task other", false],
    ["rollback_completed", "update rolled back due to failure or early termination of task complete", false],
  ] as const)("whose update is %s (%s)", (State, Message, settled) => {
    const updated = { ...restarting("none"), UpdateStatus: { State, Message } } as Docker.Service;
    expect(judge(of(updated, done("shutdown"))).settled).toBe(settled);
  });

  test("is not at rest with the end of an older spec, nor with a bad one", () => {
    const old = of(restarting("none"), task("complete", { Spec: OLD, DesiredState: "shutdown" }));
    expect(judge(old)).toMatchObject({ settled: false, reason: "init: 0/1 tasks run" });
    const bad = of(restarting("none"), task("failed", { DesiredState: "shutdown" }));
    expect([judge(bad).settled, ids(failedTasks(bad))]).toEqual([false, ["failed"]]);
  });
});

test("placement alone does not make a task one of an older spec", () => {
  expect(isCurrent(service(), task("running", { Spec: { ...NEW, Placement: { Constraints: ["a==b"] } } }))).toBe(true);
});

test("the last change is that of the task that changed last", () => {
  const late = task("running", { Status: { State: "running", Timestamp: "2026-01-01T00:00:09.5Z" } });
  expect(lastChange([late, task("running")])).toBe(Date.parse("2026-01-01T00:00:09.5Z"));
});

describe("a task that ends by itself is told from what the task before it left", () => {
  const grace = { ContainerSpec: { ...OLD.ContainerSpec, StopGracePeriod: 1_000_000_000 } };
  const previous = (state: TaskState, code: number, more: Partial<Task> = {}) =>
    task(state, {
      Spec: grace,
      Status: { State: state, Timestamp: "", ContainerStatus: { ExitCode: code } },
      ...more,
    });
  const startFirst = service({
    Spec: { Name: "app", TaskTemplate: NEW, UpdateConfig: { Parallelism: 1, Order: "start-first" } },
  });
  const killed = previous("shutdown", 137);

  test.each([
    ["it still runs beside the new one", startFirst, previous("running", 0), /^; the task before it still ran/],
    [
      "it was killed, as it did not stop",
      service(),
      killed,
      /^; .* did not stop within 1\.0 s \(stop_grace_period\) and/,
    ],
    ["it stopped by itself", service(), previous("shutdown", 0), /^$/],
    ["it failed before", service(), previous("failed", 137), /^$/],
    ["it is of the present spec", service(), { ...killed, Spec: NEW }, /^$/],
  ])("%s", (_, one, before, says) => expect(becauseOfThePrevious(view(one, task("failed"), before))).toMatch(says));

  test("but not from one that came before that", () => {
    const earlier = { ...killed, CreatedAt: "2025-12-31T00:00:00Z" };
    expect(becauseOfThePrevious(view(service(), earlier, previous("shutdown", 0)))).toBe("");
  });
});
