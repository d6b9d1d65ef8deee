import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CheckRecorder } from "../../checks/recorder.ts";
import { runNames } from "../../compose/env/stack-name.ts";
import { UserError } from "../../lib/errors.ts";
import { home } from "../../lib/home.ts";
import { withLock } from "../../lib/lock.ts";
import { PhaseLog } from "../../lifecycle/phase-log.ts";
import { prepare } from "../../lifecycle/phases/prepare.ts";
import type { RunArgs, Session } from "../../lifecycle/session.ts";
import { inTurn } from "../../lifecycle/turns.ts";
import { Redactor } from "../../masking/redactor.ts";
import type { Pulumi } from "../../pulumi/locate.ts";
import { namesIn } from "../../stacks/deployments.ts";
import type { Prepared } from "../../stacks/prepared.ts";
import { connect } from "../../swarm/client.ts";
import { deployment } from "../fixtures/deployment.ts";
import { scratchFolder, writeFiles } from "../fixtures/recipe-folder.ts";
import { appSpec, serviceSpec } from "../fixtures/spec.ts";

beforeEach(async () => vi.stubEnv("RECIPE_CI_HOME", await scratchFolder()));
afterEach(() => vi.unstubAllEnvs());

const UNREADABLE = new UserError("nothing to read");

/** A run of which only what a test says is there: a recipe that can't be read, and no node. */
function session(args: Partial<RunArgs>): Session {
  const nobody = () => undefined;
  const listener = {
    ...{ phaseStarted: nobody, checkEnded: nobody, phaseEnded: nobody, progress: nobody, step: nobody },
    standsIn: nobody,
    engineEvent: nobody,
  };
  const log = new PhaseLog(listener);
  const recorder = new CheckRecorder(new Redactor(), { onRecord: (record) => log.addCheck(record) });
  const repo = { location: "/x", checkout: () => Promise.reject(UNREADABLE) };
  return {
    args: {
      run: "run-wiki-1",
      definition: { name: "wiki" },
      located: { repo, headCommit: "a".repeat(40), warnings: [] },
      dependencies: [],
      namesOf: namesIn("run-wiki-1"),
      dockerHost: "unix:///nonexistent/docker.sock",
      nodeKind: "local",
      listener,
      signal: new AbortController().signal,
      ...args,
    } as unknown as RunArgs,
    names: runNames("wiki", "run-wiki-1"),
    swarm: connect("unix:///nonexistent/docker.sock"),
    before: new Map(),
    neighbours: { since: async () => [], close: nobody },
    log,
    recorder,
  } as unknown as Session;
}

describe("an engine that does not make the stack", () => {
  const of = async (engine: unknown, signal = new AbortController().signal) => {
    const run = session({ pulumi: engine as Pulumi, signal });
    expect(await prepare(run)).toMatchObject({ stack: undefined, prepared: undefined });
    expect(run.log.phases).toMatchObject([{ name: "prepare", status: "failed" }]);
    expect(run.log.phases[0]?.checks.map(({ name }) => name)).toEqual(["prepare.render", "prepare.stack"]);
    return run.recorder.records.find(({ name }) => name === "prepare.stack");
  };

  test("is the machinery's where its CLI can't be started", async () => {
    const record = await of({ root: "/nonexistent", env: {} });
    expect(record).toMatchObject({ status: "failed", owner: "infra", error: expect.stringContaining("ENOENT") });
  });

  test("is the machinery's where the work folder can't be made", async () => {
    await mkdir(home(), { recursive: true });
    await writeFile(home("work"), "");
    const root = await writeFiles({ "bin/pulumi": "#!/bin/sh\necho v3.200.0\n" });
    await chmod(join(root, "bin/pulumi"), 0o755);
    const record = await of({ root, env: { PULUMI_HOME: "/nonexistent" } });
    expect(record).toMatchObject({ status: "failed", owner: "infra", error: expect.stringContaining("ENOTDIR") });
  });

  test("is a defect where the code is wrong, and the place of it is kept", async () => {
    const record = await of(undefined);
    expect(record).toMatchObject({ owner: "defect", trace: expect.stringContaining("stack.ts") });
  });

  test("says nothing of anybody once the run is cancelled", async () => {
    expect(await of(undefined, AbortSignal.abort())).toMatchObject({ owner: "infra", error: "cancelled" });
  });
});

describe("a port that another run has", () => {
  const ports = [{ target: 80, published: 8080, protocol: "tcp" as const, mode: "ingress" as const }];
  const head = appSpec({ services: [serviceSpec({ ports })] });
  const prepared = { deployments: [deployment({ head })] } as Prepared;

  test("is waited for until the run is cancelled, which is on record as that", async () => {
    const controller = new AbortController();
    const log = {
      cancel: (line: string) => line.includes("waiting for port") && controller.abort(new Error("SIGINT")),
    };
    const run = session({ signal: controller.signal });
    run.log.start("prepare");
    run.log.end();
    vi.spyOn(run.log, "progress").mockImplementation(log.cancel);
    const work = vi.fn(async (given: Prepared | undefined) => given);
    await withLock("port 8080/tcp of unix:///nonexistent/docker.sock", async () => {
      expect(await inTurn(run, prepared, work)).toBeUndefined();
    });
    expect(work).toHaveBeenCalledTimes(1);
    expect(run.recorder.records).toMatchObject([{ name: "prepare.ports", owner: "infra", error: "cancelled" }]);
    expect(run.log.phases).toMatchObject([{ status: "failed" }]);
  });

  test("is the machinery's failure where no lock can be made", async () => {
    await mkdir(home(), { recursive: true });
    await writeFile(home("locks"), "");
    const run = session({});
    run.log.start("prepare");
    expect(await inTurn(run, prepared, async (given) => given)).toBeUndefined();
    expect(run.recorder.records).toMatchObject([
      { name: "prepare.ports", owner: "infra", error: expect.stringContaining("can't write the lock") },
    ]);
  });
});
