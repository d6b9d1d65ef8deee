import { cp, mkdir, readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { exec } from "../../lib/exec.ts";
import { exists } from "../../lib/exists.ts";
import { home } from "../../lib/home.ts";
import { isAlive, processIdentity } from "../../lib/process-identity.ts";
import { projectPath } from "../../lib/project.ts";
import { destroyMachine } from "../../machine/machine.ts";
import { networkDown } from "../../machine/network/network.ts";
import { nodeStatus } from "../../machine/node.ts";
import { removeHomeFolder } from "../fixtures/remove-home.ts";

/** As the node of stack `local` is called, so that the command line finds it in its home. */
const NAME = "local";
/** What both homes use: made once, then only added to; and where tests make homes of their own. */
const SHARED = ["engine", "pulumi", "rootfs", "images", "tests"];

const PREFIX = "beside-";

/**
 * Where files go on side by side, each has a node of its own: that of every worker but the first lies in a home of its
 * own beside the first one's, in this process and all that it starts from now on.
 */
export async function enterHomeOfWorker(worker = "1"): Promise<void> {
  if (worker === "1") return;
  // The parent runs the tests, and takes the home away when it ends.
  const [folder, mirror] = [home("tests", `${PREFIX}${process.ppid}-${worker}`), home("mirror")];
  await mkdir(folder, { recursive: true });
  for (const part of SHARED) await share(home(part), join(folder, part));
  // Each node may put images there under the same names, built apart: in one mirror they would replace each other's.
  const own = join(folder, "mirror");
  if ((await exists(mirror)) && !(await exists(own))) await cp(mirror, own, { recursive: true });
  // One checkout has one file of settings for the stack, and in it what only one passphrase opens.
  await cp(home("passphrase"), join(folder, "passphrase"));
  process.env.RECIPE_CI_HOME = folder;
  if (await nodeStatus(NAME)) return;
  // By the stack, as everybody has it: with its Traefik.
  const up = ["pulumi", "up", "-s", NAME, "--yes", "--skip-preview", "--non-interactive"];
  await exec([process.execPath, projectPath("cli/main.ts"), ...up], { cwd: projectPath(), timeout: 300_000 });
}

async function share(real: string, link: string): Promise<void> {
  await mkdir(real, { recursive: true });
  if (!(await exists(link))) await symlink(real, link);
}

/** Takes away the other workers' nodes with their homes, of tests that are over: this process's, or killed ones'. */
export async function removeHomesBeside(): Promise<void> {
  const names = await readdir(home("tests")).catch(() => []);
  for (const name of names.filter((one) => one.startsWith(PREFIX))) {
    const tests = Number.parseInt(name.slice(PREFIX.length), 10);
    if (tests === process.pid || !isAlive(processIdentity(tests))) await removeHome(home("tests", name));
  }
}

async function removeHome(folder: string): Promise<void> {
  const before = process.env.RECIPE_CI_HOME;
  process.env.RECIPE_CI_HOME = folder;
  try {
    await destroyMachine(NAME);
    await networkDown();
  } finally {
    if (before === undefined) delete process.env.RECIPE_CI_HOME;
    else process.env.RECIPE_CI_HOME = before;
  }
  await removeHomeFolder(folder);
}
