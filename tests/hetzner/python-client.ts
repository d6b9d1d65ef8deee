import { mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { exec, run } from "../../lib/exec.ts";
import { exists } from "../../lib/exists.ts";
import { home } from "../../lib/home.ts";
import { withLock } from "../../lib/lock.ts";
import { shortHash } from "../../lib/names.ts";
import { projectPath } from "../../lib/project.ts";
import { OF_TESTS } from "../host-programs.js";

const TESTS = projectPath("tests/hetzner/python");

/** Debian's pip, and the Python beside it. */
const PIP = placeOf("pip3");
const PYTHON = join(dirname(PIP), "python3");

/** Runs one file of tests with the official Python client; gives how it ended and what it said. */
export async function pytest(file: string, endpoint: string): Promise<{ code: number; text: string }> {
  const packages = await ensurePackages();
  const argv = [PYTHON, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "ignore::DeprecationWarning", file];
  const { code, stdout, stderr } = await run(argv as [string, ...string[]], {
    cwd: TESTS,
    env: { ...process.env, PYTHONPATH: packages, HCLOUD_ENDPOINT: endpoint },
  });
  return { code, text: stdout + stderr };
}

/** The folder with the client's packages, installed at first need. */
async function ensurePackages(): Promise<string> {
  const list = join(TESTS, "requirements.txt");
  const folder = home("tests", `python-${shortHash([await readFile(list, "utf8")])}`);
  await withLock("python packages", async () => {
    if (await exists(folder)) return;
    await mkdir(dirname(folder), { recursive: true });
    const staging = await mkdtemp(`${folder}-`);
    try {
      await exec([PIP, "install", "--quiet", "--no-deps", "--target", staging, "--requirement", list]);
      await rename(staging, folder);
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  });
  return folder;
}

function placeOf(name: string): string {
  const program = OF_TESTS.find((one) => one.name === name);
  if (!program) throw new Error(`${name} is no program that tests need`);
  return process.env[program.variable] ?? program.path;
}
