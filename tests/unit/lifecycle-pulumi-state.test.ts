import { mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { forgetRemovedStack, removedStacks } from "../../lifecycle/pulumi-state.ts";
import { removeWorkFolder, workFolder } from "../../lifecycle/run-folder.ts";
import { runEnvironment } from "../../lifecycle/run-pulumi.ts";
import type { Pulumi } from "../../pulumi/locate.ts";
import { scratchFolder } from "../fixtures/recipe-folder.ts";

let home: string;

beforeEach(async () => {
  home = await scratchFolder();
  vi.stubEnv("RECIPE_CI_HOME", home);
  vi.stubEnv("PULUMI_BACKEND_URL", "");
  vi.stubEnv("GOGC", undefined);
  vi.stubEnv("GOMEMLIMIT", undefined);
  return () => vi.unstubAllEnvs();
});

const KEPT = [
  "locks/organization/recipe-ci/STACK/1.json",
  "history/recipe-ci/STACK/a.history.json",
  "backups/recipe-ci/STACK/b.json",
  "stacks/recipe-ci/STACK.json.bak",
  "stacks/recipe-ci/STACK.json.bak.attrs",
];

async function keep(stack: string, files = KEPT): Promise<void> {
  for (const file of files) {
    const path = join(home, "state", ".pulumi", file.replace("STACK", stack));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, "{}");
  }
}

async function filesOf(stack: string): Promise<string[]> {
  return (await readdir(join(home, "state"), { recursive: true })).filter((path) => path.includes(stack)).sort();
}

test("nothing is kept of a stack that is removed, and all of one that is there", async () => {
  await keep("run-gone");
  await keep("run-there", [...KEPT, "stacks/recipe-ci/STACK.json"]);
  const there = await filesOf("run-there");
  expect(await removedStacks()).toEqual(["run-gone"]);
  await removeWorkFolder("run-gone");
  await forgetRemovedStack("run-there");
  expect(await filesOf("run-gone")).toEqual([]);
  expect(await filesOf("run-there")).toEqual(there);
  expect(await removedStacks()).toEqual([]);
});

test("a state that lies elsewhere is left to whoever keeps it", async () => {
  await keep("run-gone");
  vi.stubEnv("PULUMI_BACKEND_URL", "s3://bucket");
  await forgetRemovedStack("run-gone");
  expect(await removedStacks()).toEqual([]);
  expect(await filesOf("run-gone")).not.toEqual([]);
});

test("a run's engine writes into the run's own work folder, with the plugins and credentials of all", async () => {
  const pulumi = { env: { PULUMI_HOME: join(home, "pulumi"), X: "1" } } as unknown as Pulumi;
  await mkdir(join(home, "pulumi", "plugins", "resource-x"), { recursive: true });
  for (const _ of ["made", "opened again"]) {
    const env = await runEnvironment("run-a", pulumi);
    expect(env).toMatchObject({ X: "1", RECIPE_CI_RUN: "run-a", PULUMI_CREDENTIALS_PATH: join(home, "pulumi") });
    expect(env.PULUMI_HOME).toBe(join(workFolder("run-a"), "engine"));
    expect([env.GOGC, env.GOMEMLIMIT]).toEqual(["800", "512MiB"]);
    expect(env.PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS).toBe("true");
    expect(await readdir(join(env.PULUMI_HOME ?? "", "plugins"))).toEqual(["resource-x"]);
  }
});
