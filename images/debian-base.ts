import { mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { InfraError } from "../lib/errors.ts";
import { ExecError, exec } from "../lib/exec.ts";
import { exists } from "../lib/exists.ts";
import { home } from "../lib/home.ts";
import { causeOf, remedyFor } from "../lib/known-causes.ts";
import { shortHash } from "../lib/names.ts";
import { OperationLog } from "../lib/operation-log.ts";
import { aptAccessSettings, debianMirror } from "../machine/rootfs/apt-source.ts";
import { mmdebstrapCommand } from "../machine/rootfs/mmdebstrap.ts";

/**
 * Path of a tar archive with a minimal Debian of that suite, made by mmdebstrap at first use (some 15 s) and kept.
 *
 * @throws InfraError when mmdebstrap is missing or a package can't be had.
 */
export async function debianTarball(suite: string, signal?: AbortSignal): Promise<string> {
  const mirror = await debianMirror();
  const argv = mmdebstrapCommand(["--format=tar"], await aptAccessSettings());
  const path = home("images", `debian-${suite}-${shortHash([...argv, mirror])}.tar`);
  if (await exists(path)) return path;
  await mkdir(dirname(path), { recursive: true });
  const staging = `${path}.${process.pid}`;
  try {
    await exec(["nice", ...argv, suite, staging, `deb ${mirror} ${suite} main`], { signal });
    await rename(staging, path);
  } catch (error) {
    await rm(staging, { force: true });
    if (!(error instanceof ExecError)) throw error;
    const log = new OperationLog(`debian-${suite}`);
    log.write(error.result.stderr);
    throw new InfraError(`could not build a Debian ${suite} base image: ${causeOf(error.message)}`, {
      remedy: remedyFor(error.message) ?? `check that mmdebstrap is installed and ${mirror} can be reached`,
      log: log.file,
      cause: error,
    });
  }
  return path;
}
