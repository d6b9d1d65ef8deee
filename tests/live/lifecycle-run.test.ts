import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { allPids } from "../../lib/processes.ts";
import { until } from "../../lib/until.ts";
import { endPulumiProcesses, RUN_VARIABLE } from "../../lifecycle/pulumi-processes.ts";
import type { PhaseResult, RunResult } from "../../lifecycle/result.ts";
import { reportFolder } from "../../lifecycle/run-folder.ts";
import { execIn } from "../../swarm/exec.ts";
import { type Inventory, inventory } from "../../swarm/inventory.ts";
import { recordedPhases } from "../fixtures/passing-run.ts";
import { RunningCli, recipeCi, resultOf } from "./cli.ts";
import { changesSince, testSwarm, UNCHANGED } from "./swarm-fixture.ts";

/** Names of the checks of each phase, whichever came first. */
function checksOf(phases: readonly PhaseResult[]): string[] {
  return phases.flatMap(({ checks }) => checks.map(({ name }) => name)).sort();
}

test("its terminal is closed in the middle of install: torn down, exit 3, nothing left", async () => {
  const swarm = await testSwarm();
  const before = await inventory(swarm);
  const running = new RunningCli("run", "custom-html");
  await deployed(swarm);
  // The shell says so, and the kernel does.
  for (const _ of [1, 2, 3, 4]) {
    running.child.kill("SIGHUP");
    await sleep(200);
  }
  expect(await running.exited()).toBe(3);
  expect(running.output).toContain("cancelling");
  expect(changesSince(before, await inventory(swarm))).toEqual(UNCHANGED);
});

test("whoever reads the output has gone in the middle of install: torn down, exit 3, nothing left", async () => {
  const swarm = await testSwarm();
  const before = await inventory(swarm);
  const running = new RunningCli("run", "custom-html");
  await deployed(swarm);
  for (const stream of [running.child.stdout, running.child.stderr]) stream?.destroy();
  expect(await running.exited()).toBe(3);
  expect(changesSince(before, await inventory(swarm))).toEqual(UNCHANGED);
});

describe("a whole run of custom-html, after one that was killed in the middle of install", () => {
  let swarm: TestSwarm;
  let before: Inventory;
  let killed: string;
  let secret: string;
  let outcome: { code: number | undefined; stdout: string; stderr: string };
  let result: RunResult;

  beforeAll(async () => {
    swarm = await testSwarm();
    before = await inventory(swarm);
    const lost = new RunningCli("run", "custom-html");
    killed = await deployed(swarm);
    lost.child.kill("SIGKILL");
    await lost.exited();
    expect((await inventory(swarm)).entries.some((entry) => entry.run === killed)).toBe(true);

    const beside = recipeCi("reap");
    const running = new RunningCli("run", "custom-html", "--json");
    secret = await untilInContainer(swarm, running, killed);
    const lines = await commandLines();
    outcome = { code: await running.exited(), stdout: running.stdout, stderr: running.stderr };
    result = resultOf(outcome);
    expect(await beside).toMatchObject({ code: 0 });
    expect(lines.some((line) => line.includes(result.run))).toBe(true);
    expect(lines.filter((line) => line.includes(secret))).toEqual([]);
  });

  test("passes every phase, and leaves the node as it was, without the killed one's things", async () => {
    expect(result, result.reason).toMatchObject({ schema: 2, verdict: "pass", ledger: { left: [], lost: [] } });
    expect(result.lint).toMatchObject({ counts: { errors: 0 }, status: { score: 3, readme: 3, missing: ["email"] } });
    expect(outcome.code).toBe(0);
    const [first = ""] = outcome.stderr.split("\ninstall\n");
    expect(first.replaceAll(/\s+/g, " ")).toContain(
      result.standIns.length > 0 ? `on ${result.standIns.length} stand-ins, built here under the names of` : "prepare",
    );
    const passed = result.phases.filter((phase) => phase.status === "passed").map((phase) => phase.name);
    expect(passed).toEqual(["prepare", "install", "upgrade", "backup", "restore", "move", "custom", "destroy"]);
    expect(checksOf(result.phases)).toEqual(checksOf(recordedPhases));
    expect(result.base?.version).toBe("1.1.0+1.22.1");
    expect(result.head.version).toBe("1.2.0+1.26.3");
    expect(outcome.stderr).toContain(killed);
    expect(await endPulumiProcesses(killed)).toBe(0);
    expect(changesSince(before, await inventory(swarm))).toEqual(UNCHANGED);
    const page = await readFile(join(reportFolder(result.run), "report.html"), "utf8");
    expect(page).toContain(result.run);
  });

  test("shows no secret in its reports", async () => {
    expect(secret.length).toBeGreaterThan(8);
    for (const file of ["result.json", "report.html", "junit.xml", "state.json"]) {
      expect(await readFile(join(reportFolder(result.run), file), "utf8")).not.toContain(secret);
    }
    expect(outcome.stdout + outcome.stderr).not.toContain(secret);
  });
});

describe("a run whose Pulumi is killed in its first `up`", () => {
  test("is nobody's failure but the machinery's, and leaves nothing, though Pulumi has written nothing down", async () => {
    const swarm = await testSwarm();
    const before = await inventory(swarm);
    const running = new RunningCli("run", "custom-html", "--json");
    const run = await deployed(swarm);
    process.kill(await firstUp(run), "SIGKILL");
    const outcome = { code: await running.exited(), stdout: running.stdout, stderr: running.stderr };
    const { verdict, reason, ledger, phases } = resultOf(outcome);
    expect(verdict, reason).toBe("infra");
    const destroyed = phases.find(({ name }) => name === "destroy");
    expect(destroyed?.checks.find(({ name }) => name === "destroy.stack")).toMatchObject({
      status: "passed",
      summary: "deleted 0 resources at the second attempt",
    });
    expect(ledger).toMatchObject({ left: [], lost: [] });
    expect(await endPulumiProcesses(run)).toBe(0);
    expect(changesSince(before, await inventory(swarm))).toEqual(UNCHANGED);
  });
});

/** The process of a run's `pulumi up`. */
async function firstUp(run: string): Promise<number> {
  for (const pid of await allPids()) {
    const [line = "", environment = ""] = await Promise.all(
      ["cmdline", "environ"].map((file) => readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "")),
    );
    const [program = "", command] = line.split("\0");
    if (program.endsWith("/pulumi") && command === "up" && environment.includes(`${RUN_VARIABLE}=${run}\0`)) return pid;
  }
  throw new Error(`no \`pulumi up\` of ${run}`);
}

type TestSwarm = Awaited<ReturnType<typeof testSwarm>>;

/** Waits until a run has a service on the node; gives the run's name. */
function deployed(swarm: TestSwarm): Promise<string> {
  return until(
    async () => {
      const { entries } = await inventory(swarm);
      const service = entries.find((entry) => entry.kind === "service" && entry.run?.startsWith("run-custom-html-"));
      return service?.run ? { done: true, value: service.run } : { done: false, reason: "no service of a run" };
    },
    { what: "a run deploys", deadline: "60 s", every: "100 ms" },
  );
}

/** The arguments of every process on this host, the engine's and its plugins' among them. */
async function commandLines(): Promise<string[]> {
  const pids = await allPids();
  return Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
}

/** The app's generated secret, read where the app sees it. */
async function untilInContainer(swarm: TestSwarm, running: RunningCli, killed: string): Promise<string> {
  return until(
    async () => {
      if (running.child.exitCode !== null) throw new Error(running.output);
      const { entries } = await inventory(swarm);
      const app = entries.find(
        ({ kind, name, run }) => kind === "container" && run !== killed && /_app\.1\./.test(name),
      );
      const read = app && (await execIn(swarm, app.id, ["cat", "/run/secrets/status_token"]).catch(() => undefined));
      return read?.code === 0 ? { done: true, value: read.stdout.trim() } : { done: false, reason: "no secret yet" };
    },
    { what: "the app's secret", deadline: "60 s", every: "100 ms" },
  );
}
