import { beforeAll, expect, test } from "vitest";
import type { Swarm } from "../../swarm/client.ts";
import { watchConvergence } from "../../swarm/converge/converge.ts";
import { startServices, stopServices } from "../../swarm/standstill.ts";
import { listTasks } from "../../swarm/task.ts";
import { SERVE, TestRun, testSwarmWithImages } from "./swarm-fixture.ts";

let swarm: Swarm;

beforeAll(async () => {
  swarm = await testSwarmWithImages();
});

const specOf = async (name: string) => (await swarm.docker.getService(name).inspect()).Spec;
/** Ignores every request to stop. */
const DEAF = ["sh", "-c", "trap '' TERM; while true; do sleep 1; done"];

test("a namespace stands still and runs again, each spec as it was", async () => {
  await using run = new TestRun(swarm);
  const namespace = run.name;
  const Labels = { ...run.labels, "com.docker.stack.namespace": namespace };
  const two = await run.service("two", { Command: DEAF }, { Labels, Mode: { Replicated: { Replicas: 2 } } });
  const every = await run.service("every", {}, { Labels, Mode: { Global: {} } });
  const idle = await run.service("idle", {}, { Labels, Mode: { Replicated: { Replicas: 0 } } });
  const once = await run.service(
    "once",
    { Command: ["sh", "-c", "exit 0"] },
    { Labels, Mode: { ReplicatedJob: { MaxConcurrent: 1 } }, TaskTemplate: { RestartPolicy: { Condition: "none" } } },
  );
  const other = await run.service("other", { Command: SERVE });
  const names = [two, every, idle, once, other];
  const services = names.map((name) => ({ name }));
  await watchConvergence({ swarm, services, stableFor: "0 s" });
  const before = await Promise.all(names.map(specOf));
  const tasksOf = async (name: string) => {
    const { ID } = await swarm.docker.getService(name).inspect();
    return (await listTasks(swarm, [ID])).filter((task) => task.Status.State === "running").map(({ ID }) => ID);
  };
  const [everyBefore, otherBefore] = [await tasksOf(every), await tasksOf(other)];

  const replicas = await stopServices({ swarm, namespace }, "lost");
  expect(Object.fromEntries(replicas)).toEqual({ [two]: 2, [idle]: 0 });
  for (const name of [two, every, idle]) expect(await tasksOf(name)).toEqual([]);
  expect(await tasksOf(other)).toEqual(otherBefore);

  await startServices({ swarm, namespace }, replicas);
  const { services: running } = await watchConvergence({ swarm, services, stableFor: "0 s", sinceChange: true });
  expect(running.map(({ tasks }) => tasks.length)).toEqual([2, 1, 0, 1, 1]);
  expect(await tasksOf(every)).not.toEqual(everyBefore);
  expect(await Promise.all(names.map(specOf))).toEqual(before);

  await startServices({ swarm, namespace }, replicas, "again");
  await watchConvergence({ swarm, services, stableFor: "0 s", sinceChange: true });
  const job = await swarm.docker.getService(once).inspect();
  const runs = (await listTasks(swarm, [job.ID])).filter((task) => task.Status.State === "complete");
  expect(runs.length).toBeGreaterThanOrEqual(2);
});

test("what it was told to end it does not take for a failure, and what stood still may be stopped again", async () => {
  await using run = new TestRun(swarm);
  const Labels = { ...run.labels, "com.docker.stack.namespace": run.name };
  const name = await run.service("app", {}, { Labels });
  await watchConvergence({ swarm, services: [{ name }], stableFor: "0 s" });
  for (const how of ["stopped", "lost"] as const) {
    const replicas = await stopServices({ swarm, namespace: run.name }, how);
    expect([...(await stopServices({ swarm, namespace: run.name }, how)).values()]).toEqual([0]);
    await startServices({ swarm, namespace: run.name }, replicas);
    const { failedTasks } = await watchConvergence({
      swarm,
      services: [{ name }],
      stableFor: "0 s",
      sinceChange: true,
    });
    expect(failedTasks).toBe(0);
  }
});

const RESTARTS = ["on-failure", "none"];
test.concurrent.each(RESTARTS)(
  "a service with restart condition %s runs again, however soon it is asked to",
  async (Condition) => {
    await using run = new TestRun(swarm);
    const Labels = { ...run.labels, "com.docker.stack.namespace": run.name };
    const TaskTemplate = { RestartPolicy: { Condition } };
    // Whether Swarm still keeps the task that ended is a matter of a quarter of a second.
    const apps = ["one", "two", "three", "four"].map((key) =>
      run.service(key, { Command: SERVE }, { Labels, TaskTemplate }),
    );
    const every = run.service("every", { Command: SERVE }, { Labels, TaskTemplate, Mode: { Global: {} } });
    const services = (await Promise.all([...apps, every])).map((name) => ({ name }));
    await watchConvergence({ swarm, services, stableFor: "0 s" });
    for (const how of ["stopped", "lost", "stopped"] as const) {
      await startServices({ swarm, namespace: run.name }, await stopServices({ swarm, namespace: run.name }, how));
      await watchConvergence({ swarm, services, stableFor: "0 s", sinceChange: true, deadline: "20 s" });
    }
  },
);
