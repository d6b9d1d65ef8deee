import { beforeAll, describe, expect, test } from "vitest";
import type { Swarm } from "../../swarm/client.ts";
import { type ConvergeOptions, watchConvergence } from "../../swarm/converge/converge.ts";
import { type ConvergeCause, ConvergeError } from "../../swarm/converge/converge-error.ts";
import { healthcheck, IMAGE, OTHER_IMAGE, SERVE, TestRun, testSwarmWithImages } from "./swarm-fixture.ts";

let swarm: Swarm;
beforeAll(async () => {
  swarm = await testSwarmWithImages();
});

function watch(name: string, more: Partial<ConvergeOptions> = {}) {
  return watchConvergence({ swarm, services: [{ name }], stableFor: "1 s", deadline: "20 s", ...more });
}

/** The first cause of the failure to come to rest; fails the test when there is none. */
async function cause(watched: Promise<unknown>): Promise<ConvergeCause> {
  const error = await watched.then(
    () => new Error("it came to rest"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ConvergeError) || !error.causes[0]) throw error;
  return error.causes[0];
}

describe.concurrent("a service that cannot come to rest", () => {
  test("names exit code and last words of a program that fails", async () => {
    await using run = new TestRun(swarm);
    const name = await run.service("crash", { Command: ["sh", "-c", "echo out of cheese; exit 3"] });
    expect(await cause(watch(name))).toMatchObject({
      kind: "exited",
      service: name,
      exitCode: 3,
      logs: "out of cheese",
      failures: 1,
    });
  });

  test("is told its limit when it runs out of memory", async () => {
    await using run = new TestRun(swarm);
    const greedy = ["sh", "-c", "echo hungry; x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done"];
    const limits = { TaskTemplate: { Resources: { Limits: { MemoryBytes: 32 << 20 } } } };
    const name = await run.service("greedy", { Command: greedy }, limits);
    const { message, kind, owner } = await cause(watch(name));
    expect({ message, kind, owner }).toEqual({
      message: "it ran out of memory: its limit is 32.0 MiB (deploy.resources.limits.memory)",
      owner: "recipe",
      kind: "exited",
    });
  });

  test("is given its restart budget, and then its restart loop is counted", async () => {
    await using run = new TestRun(swarm);
    const name = await run.service("loop", { Command: ["sh", "-c", "exit 1"] });
    expect(await cause(watch(name, { restartBudget: 2 }))).toMatchObject({ kind: "exited", failures: 3 });
  });

  test("may not end with exit code 0 either", async () => {
    await using run = new TestRun(swarm);
    const name = await run.service("done", { Command: ["sh", "-c", "echo bye"] });
    expect(await cause(watch(name))).toMatchObject({ kind: "exited", logs: "bye" });
  });

  test("names a neighbour that is not healthy yet", async () => {
    await using run = new TestRun(swarm);
    const database = await run.service("db", healthcheck(["CMD", "false"], 60));
    const name = await run.service("waits", { Command: ["sh", "-c", "sleep 1; echo no database; exit 1"] });
    const { message } = await cause(watchConvergence({ swarm, services: [{ name }, { name: database }] }));
    expect(message).toMatch(new RegExp(`exit.*; meanwhile not healthy yet: ${database}$`));
  });

  test("names an image that the node cannot get", async () => {
    await using run = new TestRun(swarm);
    const name = await run.service("image", { Image: "127.0.0.1:5000/none:none" });
    expect(await cause(watch(name))).toMatchObject({
      kind: "image",
      owner: "infra",
      message: expect.stringContaining("none:none"),
    });
  });

  test("names a program that the image lacks", async () => {
    await using run = new TestRun(swarm);
    const name = await run.service("program", { Command: ["/no/such/program"] });
    const message = expect.stringContaining("/no/such/program");
    expect(await cause(watch(name))).toMatchObject({ kind: "rejected", message });
  });

  test("has exited when its program did, though it had not been healthy yet", async () => {
    await using run = new TestRun(swarm);
    const sick = healthcheck(["CMD-SHELL", "echo not yet; exit 1"], 30);
    const name = await run.service("ended", { ...sick, Command: ["sh", "-c", "echo no config; sleep 2; exit 3"] });
    expect(await cause(watch(name))).toMatchObject({ kind: "exited", exitCode: 3, logs: "no config" });
  });

  test("has exited, whatever its end sounds like", async () => {
    await using run = new TestRun(swarm);
    const name = await run.service("registry", { Command: ["sh", "-c", "echo cannot pull from the registry; exit 1"] });
    expect(await cause(watch(name))).toMatchObject({ kind: "exited" });
  });

  test("shows what its health check printed", async () => {
    await using run = new TestRun(swarm);
    const name = await run.service("sick", healthcheck(["CMD-SHELL", "echo no database; exit 1"]));
    expect(await cause(watch(name))).toMatchObject({ kind: "unhealthy", healthOutput: "no database", logs: "up" });
  });

  test("is not at rest while a health check that went well fails, though Swarm still calls it healthy", async () => {
    await using run = new TestRun(swarm);
    const once = ["CMD-SHELL", "mkdir /tmp/asked 2>/dev/null || { echo lost its database; exit 1; }"];
    const name = await run.service("fading", healthcheck(once, 0, 60));
    expect(await cause(watch(name, { stableFor: "1 s", deadline: "10 s" }))).toMatchObject({
      kind: "not-converged",
      message: expect.stringMatching(/the health check of container \S+ fails now: lost its database$/),
    });
  });

  test("shows it also when the start period outlasts the deadline", async () => {
    await using run = new TestRun(swarm);
    const name = await run.service("slow", healthcheck(["CMD-SHELL", "echo not yet; exit 1"], 100));
    const seen = await cause(watch(name, { deadline: "12 s" }));
    expect(seen).toMatchObject({ kind: "not-converged", healthOutput: "not yet", logs: "up" });
    expect(seen.message).toMatch(/^not at rest within 12.0 s: .*; its health check said last: not yet$/);
  });

  test("is not waited for when its health check names a program that the image lacks", async () => {
    await using run = new TestRun(swarm);
    const name = await run.service("probe", healthcheck(["CMD", "curl", "localhost"], 100));
    expect(await cause(watch(name))).toMatchObject({
      kind: "health-command-missing",
      healthOutput: expect.stringContaining("executable file not found"),
    });
  });

  test("is not waited for when no node fits", async () => {
    await using run = new TestRun(swarm);
    const TaskTemplate = { Placement: { Constraints: ["node.labels.nowhere==true"] } };
    const name = await run.service("homeless", {}, { TaskTemplate });
    expect(await cause(watch(name))).toMatchObject({
      kind: "no-suitable-node",
      message: expect.stringContaining("scheduling constraints not satisfied"),
    });
  });

  test("hides secrets in what it shows", async () => {
    await using run = new TestRun(swarm);
    const name = await run.service("secret", { Command: ["sh", "-c", "echo password hunter2; exit 1"] });
    const redact = (text: string) => text.replaceAll("hunter2", "***");
    expect(await cause(watch(name, { redact }))).toMatchObject({ logs: "password ***" });
  });

  test("is one that does not exist", async () => {
    expect(await cause(watch("no-such-service", { deadline: "1 s" }))).toMatchObject({
      kind: "not-converged",
      message: expect.stringContaining("there is no service no-such-service"),
    });
  });
});

describe.concurrent("a healthy service", () => {
  test("comes to rest with its task, and again at once", async () => {
    await using run = new TestRun(swarm);
    const name = await run.service("well", healthcheck(["CMD-SHELL", "true"]));
    const first = await watch(name);
    expect(first.services).toMatchObject([{ name, image: IMAGE, tasks: [{ containerId: expect.any(String) }] }]);
    expect(first.containerMs).toBeGreaterThan(0);
    expect((await watch(name)).services).toEqual(first.services);
  });

  test("comes to rest after an update on the new task only", async () => {
    await using run = new TestRun(swarm);
    const name = await run.service("moved", {});
    const before = await watch(name);
    await run.update(
      name,
      { Image: OTHER_IMAGE },
      { UpdateConfig: { Parallelism: 1, Order: "start-first", Monitor: 500_000_000 } },
    );
    const after = await watch(name);
    expect(after.services).toMatchObject([{ image: OTHER_IMAGE, tasks: [{}] }]);
    expect(after.services[0]?.tasks[0]?.id).not.toBe(before.services[0]?.tasks[0]?.id);
  });

  test("whose update fails is told by Swarm's word, with the new program's last words", async () => {
    await using run = new TestRun(swarm);
    const name = await run.service("paused", {});
    await watch(name);
    await run.update(
      name,
      { Command: ["sh", "-c", "echo cannot migrate; exit 7"] },
      { UpdateConfig: { Parallelism: 1, FailureAction: "pause", Order: "stop-first" } },
    );
    expect(await cause(watch(name, { restartBudget: 5 }))).toMatchObject({
      kind: "update-failed",
      message: expect.stringMatching(/paused.*deploy\.update_config\.failure_action is pause, the default/),
      logs: "cannot migrate",
    });
  });

  test("whose update Swarm does not stop has its restart budget in it as well", async () => {
    await using run = new TestRun(swarm);
    const name = await run.service("continued", {});
    await watch(name);
    // Its first task fails however long that takes to start: it leaves a mark for the second.
    const Command = ["sh", "-c", "mkdir /marks/first && exit 7; sleep 1000 & wait"];
    const VolumeOptions = {
      NoCopy: true,
      Labels: run.labels,
      DriverConfig: { Name: "local", Options: {} },
      Subpath: "",
    };
    const marks = { Type: "volume" as const, Source: `${name}_marks`, Target: "/marks", VolumeOptions };
    await run.update(
      name,
      { Command, Mounts: [marks] },
      { UpdateConfig: { Parallelism: 1, FailureAction: "continue", Order: "stop-first", Monitor: 1_000_000_000 } },
    );
    const { failedTasks } = await watch(name, { restartBudget: 20, deadline: "30 s" });
    expect(failedTasks).toBeGreaterThan(0);
  });

  test.each(["while it is watched", "before it is watched"])(
    "whose update is rolled back %s has not converged, though its old task runs",
    async (when) => {
      await using run = new TestRun(swarm);
      const name = await run.service("rolled", {});
      await watch(name);
      await run.update(
        name,
        { Command: ["sh", "-c", "echo cannot migrate; exit 7"] },
        { UpdateConfig: { Parallelism: 1, FailureAction: "rollback", Order: "stop-first" } },
      );
      const state = async () => (await swarm.docker.getService(name).inspect()).UpdateStatus?.State;
      if (when.startsWith("before")) await expect.poll(state).toBe("rollback_completed");
      expect(await cause(watch(name, { restartBudget: 5 }))).toMatchObject({
        kind: "update-failed",
        message: expect.stringMatching(
          /^task failed \(task: non-zero exit \(7\)\): cannot migrate; the update is rollback/,
        ),
      });
    },
  );

  test("that starts beside its old task, and can't, is told how it is ended first", async () => {
    await using run = new TestRun(swarm);
    const name = await run.service("beside", {});
    await watch(name);
    await run.update(
      name,
      { Command: ["sh", "-c", "echo locked; exit 7"] },
      { UpdateConfig: { Parallelism: 1, FailureAction: "pause", Order: "start-first" } },
    );
    expect((await cause(watch(name))).message).toMatch(/: locked; the task before it still ran, .* stop-first/);
  });

  test.each(["none", "on-failure"] as const)(
    "may do what it is for once, with %s, in an update as well",
    async (Condition) => {
      await using run = new TestRun(swarm);
      const once = { TaskTemplate: { RestartPolicy: { Condition } } };
      const name = await run.service("once", { Command: ["sh", "-c", "echo done"] }, once);
      const services = [{ name, mayEnd: true }];
      expect((await watch(name, { services })).services).toMatchObject([{ ended: true, tasks: [{}] }]);
      await run.update(name, { Image: OTHER_IMAGE });
      expect((await watch(name, { services })).services).toMatchObject([
        { ended: true, image: OTHER_IMAGE, tasks: [{}] },
      ]);
      await run.update(name, { Command: ["sh", "-c", "echo no such table; exit 4"] });
      expect(await cause(watch(name, { services }))).toMatchObject({ exitCode: 4, logs: "no such table" });
    },
  );

  test("that is killed comes back, which is held against it unless it has restarts left", async () => {
    await using run = new TestRun(swarm);
    const name = await run.service("killed", {});
    const before = (await watch(name)).services[0]?.tasks[0];
    await swarm.docker.getContainer(before?.containerId ?? "").kill();
    await expect(watch(name)).rejects.toThrow(ConvergeError);
    const after = await watch(name, { restartBudget: 1 });
    expect(after).toMatchObject({
      failedTasks: 1,
      services: [{ tasks: [{ id: expect.not.stringMatching(before?.id ?? "") }] }],
    });
  });

  test("may be a job, done when it is complete", async () => {
    await using run = new TestRun(swarm);
    const name = await run.service(
      "job",
      { Command: ["sh", "-c", "true"] },
      {
        Mode: { ReplicatedJob: { MaxConcurrent: 1, TotalCompletions: 1 } },
        TaskTemplate: { RestartPolicy: { Condition: "none" } },
      },
    );
    expect((await watch(name)).services[0]?.tasks).toHaveLength(1);
  });

  test("is compared by its whole task template: networks, secrets, configs and mounts do not confuse an update", async () => {
    await using run = new TestRun(swarm);
    const { docker } = swarm;
    const named = (kind: string) => ({ Name: `${run.name}_${kind}`, Labels: run.labels, Data: "eA==" });
    const network = await docker.createNetwork({ Name: `${run.name}_net`, Driver: "overlay", Labels: run.labels });
    const secret: { id: string } = await docker.createSecret(named("secret"));
    const config: { id: string } = await docker.createConfig(named("config"));
    const file = { Name: "/x", UID: "0", GID: "0", Mode: 0o444 };
    const name = await run.service(
      "full",
      {
        Mounts: [{ Type: "volume", Source: `${run.name}_data`, Target: "/data", VolumeOptions: volumeOptions(run) }],
        Secrets: [{ SecretID: secret.id, SecretName: named("secret").Name, File: { ...file, Name: "x" } }],
        Configs: [{ ConfigID: config.id, ConfigName: named("config").Name, File: file }],
        Env: ["A=1"],
        Command: SERVE,
      },
      {
        TaskTemplate: {
          Networks: [{ Target: network.id, Aliases: ["full"] }],
          Placement: { Constraints: ["node.role==manager"] },
          Resources: { Limits: { MemoryBytes: 64 << 20 } },
        },
      },
    );
    await watch(name);
    await run.update(name, { Env: ["A=2"] }, { UpdateConfig: { Parallelism: 1, Order: "stop-first", Monitor: 1 } });
    expect((await watch(name)).services[0]?.tasks).toHaveLength(1);
  });
});

function volumeOptions(run: TestRun) {
  return { NoCopy: false, Labels: run.labels, DriverConfig: { Name: "local", Options: {} } };
}
