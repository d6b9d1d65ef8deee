import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exec, run } from "../../lib/exec.ts";
import { exists } from "../../lib/exists.ts";
import { home } from "../../lib/home.ts";
import { projectPath } from "../../lib/project.ts";
import { ensurePulumi } from "../../pulumi/locate.ts";
import { hostInventory } from "./machine-host.ts";

const MINUTES = 60_000;
const STEPS = ["--stack", "local", "--yes", "--skip-preview", "--non-interactive"];
const RECIPE_CI = ["node", projectPath("cli/recipe-ci.js"), "pulumi"];

/** A first start as its user sees it, and then the end of all that it made. */
const UP_AND_DESTROY = `
  up=0 destroy=0
  ${RECIPE_CI.join(" ")} up ${STEPS.join(" ")} || up=$?
  ${RECIPE_CI.join(" ")} destroy ${STEPS.join(" ")} || destroy=$?
  echo "up: $up, destroy: $destroy"`;

let folder: string;

/** A home of its own with nothing but the engine, which takes minutes to build: links, so that nothing is copied. */
beforeAll(async () => {
  await ensurePulumi({ onProgress: () => undefined });
  await mkdir(home("tests"), { recursive: true });
  folder = await mkdtemp(join(home("tests"), "bare-"));
  for (const part of ["engine", "pulumi"])
    if (await exists(home(part))) await exec(["cp", "-al", home(part), join(folder, part)]);
});

afterAll(() => rm(folder, { recursive: true }));

test("a local node comes up where none of its programs is installed, and leaves the host as it was", {
  timeout: 15 * MINUTES,
}, async () => {
  const before = await hostInventory();
  const { stdout, stderr } = await run([projectPath(".ci/bare-host"), "bash", "-c", UP_AND_DESTROY], {
    cwd: projectPath(),
    env: { ...process.env, RECIPE_CI_HOME: folder, PULUMI_BACKEND_URL: "", RECIPE_CI_TEST_DOCKER_HOST: "" },
  });
  expect(stdout.trim().split("\n").at(-1), stdout + stderr).toBe("up: 0, destroy: 0");
  expect(await hostInventory()).toEqual(before);
});
