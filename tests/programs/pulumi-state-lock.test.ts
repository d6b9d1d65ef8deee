import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { describe as explain } from "../../lib/errors.ts";
import { isInLocalState, stacksInLocalState } from "../../pulumi/local-state.ts";
import { refuseLocked } from "../../pulumi/state-lock.ts";

let state: string;
beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), "recipe-ci-lock-"));
  vi.stubEnv("PULUMI_BACKEND_URL", `file://${state}`);
  vi.stubEnv("PULUMI_CONFIG_PASSPHRASE", "x");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(state, { recursive: true, force: true });
});

async function lock(over: object): Promise<void> {
  const folder = join(state, ".pulumi/locks/organization/recipe-ci/local");
  await mkdir(folder, { recursive: true });
  const content = { pid: process.pid, username: "root", hostname: hostname(), timestamp: new Date().toISOString() };
  await writeFile(join(folder, "0b7c.json"), JSON.stringify({ ...content, ...over }));
}

function said(): string {
  try {
    refuseLocked("local");
    return "";
  } catch (error) {
    return explain(error);
  }
}

/** The number of a process that has ended. */
async function deadPid(): Promise<number> {
  const child = spawn("true");
  await once(child, "exit");
  return child.pid ?? 0;
}

describe("the lock of a stack", () => {
  test("that is not there refuses nothing", () => expect(said()).toBe(""));

  test("of a dead process comes with the command that removes it", async () => {
    const pid = await deadPid();
    await lock({ pid });
    expect(said()).toMatch(new RegExp(`^stack local is locked by process ${pid}, which is dead, since `));
    expect(said()).toContain("remedy: npx recipe-ci pulumi cancel -s local");
  });

  test("of a process whose number was given out again is one of a dead process", async () => {
    await lock({ timestamp: "2020-01-01T00:00:00Z" });
    expect(said()).toContain("which is dead, since 2020-01-01 00:00:00");
  });

  test("of a living process says which", async () => {
    await lock({});
    expect(said()).toMatch(new RegExp(`^stack local is in use by process ${process.pid} \\(.*node.*\\) since `));
    expect(said()).not.toContain("cancel");
  });

  test("of another host is not judged from here", async () => {
    await lock({ pid: await deadPid(), hostname: "elsewhere" });
    expect(said()).toMatch(/of host elsewhere .*\n {2}remedy: wait for it, or where it is gone: .*cancel/);
  });
});

describe("a state in a folder", () => {
  test("names its stacks, without what Pulumi keeps beside them", async () => {
    const folder = join(state, ".pulumi/stacks/recipe-ci");
    expect(stacksInLocalState()).toEqual([]);
    await mkdir(folder, { recursive: true });
    for (const name of ["local.json", "local.json.bak", "local.json.attrs", "old.json.bak"])
      await writeFile(join(folder, name), "{}");
    expect(stacksInLocalState()).toEqual(["local"]);
    expect([isInLocalState("local"), isInLocalState("old")]).toEqual([true, false]);
  });

  test("is not another state", () => {
    vi.stubEnv("PULUMI_BACKEND_URL", "s3://bucket");
    expect([stacksInLocalState(), isInLocalState("local"), said()]).toEqual([undefined, false, ""]);
  });
});
