import { randomBytes } from "node:crypto";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exec, run } from "../../lib/exec.ts";
import { findProgram } from "../../lib/program.ts";
import { projectPath } from "../../lib/project.ts";
import { ensurePulumi } from "../../pulumi/locate.ts";
import { stackFile } from "../../pulumi/stack-file.ts";
import { inventory } from "../../swarm/inventory.ts";
import { testSwarm } from "./swarm-fixture.ts";

const STACK = `pr-bare-${randomBytes(3).toString("hex")}`;
const UP = ["up", "--yes", "--skip-preview"];

let pulumi: (...args: string[]) => Promise<{ code: number; text: string }>;
let hostNode: string;
let folder: string;

/** Pulumi as somebody has it who knows nothing of this project's command line: programs run by the host's own Node. */
beforeAll(async () => {
  const built = await ensurePulumi({ onProgress: () => undefined });
  folder = await mkdtemp(join(tmpdir(), "recipe-ci-bare-pulumi-"));
  const path = (process.env.PATH ?? "").split(delimiter).filter((entry) => !entry.includes("node_modules"));
  hostNode = (await findProgram("node", path.join(delimiter))) ?? "";
  // Our own language host and plugins are TypeScript too, and are to run by that Node as well, whatever it is.
  const tsx = pathToFileURL(projectPath("node_modules/tsx/dist/loader.mjs")).href;
  const node = join(folder, "node");
  await writeFile(node, `#!/bin/sh\nexec "${hostNode}" --import "${tsx}" "$@"\n`);
  await chmod(node, 0o755);
  await mkdir(join(folder, "state"));
  const env = {
    ...process.env,
    ...built.env,
    PATH: [dirname(hostNode), ...path].join(delimiter),
    RECIPE_CI_NODE: node,
    PULUMI_BACKEND_URL: pathToFileURL(join(folder, "state")).href,
    PULUMI_CONFIG_PASSPHRASE: "its own",
  };
  const program = join(built.root, "bin", "pulumi");
  pulumi = async (command, ...args) => {
    const argv = [program, command, ...args, "--stack", STACK, "--non-interactive", "--color=never"] as const;
    const { code, stdout, stderr } = await run([...argv], { cwd: projectPath(), env });
    return { code, text: stdout + stderr };
  };
  const made = await run([program, "stack", "init", STACK, "--non-interactive"], { cwd: projectPath(), env });
  expect(made.code, made.stderr).toBe(0);
});

afterAll(async () => {
  await pulumi("destroy", "--yes", "--skip-preview");
  await rm(stackFile(STACK), { force: true });
  await rm(folder, { recursive: true });
});

test("bare pulumi runs the program by the host's Node, whatever package.json allows", async () => {
  const about = await pulumi("about");
  expect(about.text).toContain((await exec([hostNode, "--version"])).trim().replace("v", ""));
  await pulumi("config", "set", "recipe", "custom-html");
  const up = await pulumi(...UP);
  expect(up.code, up.text).toBe(0);
  const ours = async () => (await inventory(await testSwarm())).entries.filter(({ run }) => run === STACK);
  expect((await ours()).map(({ kind }) => kind)).toContain("service");
  const again = await pulumi(...UP, "--expect-no-changes", "--diff");
  expect(again.code, again.text).toBe(0);
  // By this project's own Node it is tried in hand-guard.
  if (process.env.RECIPE_CI_PROOF) {
    await pulumi("config", "set", "phase", "upgrade");
    const upgraded = await pulumi(...UP);
    expect(upgraded.code, upgraded.text).toBe(0);
  }
  const destroyed = await pulumi("destroy", "--yes", "--skip-preview");
  expect(destroyed.code, destroyed.text).toBe(0);
  expect((await ours()).filter(({ kind }) => kind !== "task" && kind !== "container")).toEqual([]);
});
