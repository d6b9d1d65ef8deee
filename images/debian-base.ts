import { access, mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { InfraError } from "../lib/errors.ts";
import { ExecError, exec } from "../lib/exec.ts";
import { home } from "../lib/home.ts";
import { shortHash } from "../lib/names.ts";
import { aptAccessSettings, debianMirror } from "../machine/apt-source.ts";

/** Nobody reads documentation in a container (Debian's own slim images leave the same out). */
const LEFT_OUT = ["/usr/share/doc/*", "/usr/share/man/*", "/usr/share/info/*", "/usr/share/locale/*"];

/**
 * Path of a tar archive with a minimal Debian of that suite, made by mmdebstrap at first use (some 15 s) and kept.
 *
 * @throws InfraError when mmdebstrap is missing or a package can't be had.
 */
export async function debianTarball(suite: string, signal?: AbortSignal): Promise<string> {
  const mirror = await debianMirror();
  const argv = mmdebstrap(await aptAccessSettings());
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
    throw new InfraError(`could not build a Debian ${suite} base image: ${error.message}`, {
      remedy: `check that mmdebstrap is installed and ${mirror} can be reached`,
      cause: error,
    });
  }
  return path;
}

function mmdebstrap(aptSettings: readonly string[]): string[] {
  return [
    "mmdebstrap",
    "--variant=minbase",
    "--format=tar",
    '--aptopt=APT::Install-Recommends "false"',
    "--dpkgopt=force-unsafe-io",
    ...aptSettings.map((line) => `--aptopt=${line}`),
    ...LEFT_OUT.map((pattern) => `--dpkgopt=path-exclude=${pattern}`),
  ];
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
