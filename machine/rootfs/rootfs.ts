import { chmod, mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { InfraError } from "../../lib/errors.ts";
import { ExecError, exec } from "../../lib/exec.ts";
import { exists } from "../../lib/exists.ts";
import { withLock } from "../../lib/lock.ts";
import { shortHash } from "../../lib/names.ts";
import { ensureSpace } from "../disk-space.ts";
import type { Progress } from "../progress.ts";
import { removeTree } from "../remove-tree.ts";
import { aptAccessSettings, debianMirror } from "./apt-source.ts";
import { mmdebstrapCommand } from "./mmdebstrap.ts";

/** What a root file system holds. Two equal specs give the same cached folder. */
export interface RootfsSpec {
  /** Debian release by name, e.g. `trixie`. */
  suite: string;
  packages: readonly string[];
  /** Files written after the packages, by absolute path. */
  files: Readonly<Record<string, RootfsFile>>;
  /** Systemd units that must never start. */
  maskedUnits: readonly string[];
}

export type RootfsFile = { text: string; mode?: number } | { symlinkTo: string };

export interface Rootfs {
  key: string;
  folder: string;
}

/** MiB a build takes: packages, their archives and the copy in staging. */
const BUILD_MIB = 1800;

/** Name of the cached folder: changes with anything in the spec. */
export function rootfsKey(spec: RootfsSpec): string {
  return `${spec.suite}-${shortHash([JSON.stringify(spec)], 12)}`;
}

/**
 * Gives the root file system for a spec, building it by mmdebstrap at first use (about a minute, 500 MB).
 * It appears under its name only when complete, and is never written to again: machines use it as
 * the read-only layer of an overlay.
 *
 * @param cache folder that holds one folder per key
 * @throws InfraError when the disk is too full or a package can't be had.
 */
export async function ensureRootfs(spec: RootfsSpec, cache: string, progress: Progress): Promise<Rootfs> {
  const key = rootfsKey(spec);
  const folder = join(cache, key);
  if (await exists(folder)) return { key, folder };
  await ensureSpace(cache, BUILD_MIB);
  await withLock(
    folder,
    async () => {
      if (await exists(folder)) return;
      await removeStaging(cache, key);
      const staging = await mkdtemp(join(cache, `.${key}-`));
      try {
        await install(spec, staging, progress);
        await customize(spec, staging);
        // A temporary folder is for its owner alone; a root folder is for every user of the machine.
        await chmod(staging, 0o755);
        await rename(staging, folder);
      } catch (error) {
        await removeTree(staging).catch(() => undefined);
        throw error;
      }
    },
    // Beside the folder: homes may share a cache.
    { file: join(cache, `.${key}.lock`), deadline: "15 min" },
  );
  return { key, folder };
}

/** Arguments of mmdebstrap for a spec. */
export function mmdebstrapArguments(
  spec: RootfsSpec,
  target: string,
  mirror: string,
  aptSettings: readonly string[],
): [string, ...string[]] {
  return [
    ...mmdebstrapCommand(["--mode=root", `--include=${spec.packages.join(",")}`], aptSettings),
    spec.suite,
    target,
    `deb ${mirror} ${spec.suite} main`,
  ];
}

async function install(spec: RootfsSpec, staging: string, progress: Progress): Promise<void> {
  const mirror = await debianMirror();
  progress(`building a Debian ${spec.suite} root file system (once, about a minute)`);
  try {
    await exec(["nice", ...mmdebstrapArguments(spec, staging, mirror, await aptAccessSettings())], {
      onOutput: (text) => {
        for (const line of text.split("\n")) if (line.startsWith("I: ")) progress(`  ${line.slice(3).trim()}`);
      },
    });
  } catch (error) {
    if (!(error instanceof ExecError)) throw error;
    throw new InfraError(`could not build the root file system: ${error.message}`, {
      remedy: `check that ${mirror} can be reached and the disk has room`,
      cause: error,
    });
  }
}

async function customize(spec: RootfsSpec, root: string): Promise<void> {
  for (const [path, file] of Object.entries(spec.files)) await writeRootfsFile(root, path, file);
  for (const unit of spec.maskedUnits)
    await writeRootfsFile(root, `/etc/systemd/system/${unit}`, { symlinkTo: "/dev/null" });
}

/** Writes one file under a root folder, replacing what is there. */
export async function writeRootfsFile(root: string, path: string, file: RootfsFile): Promise<void> {
  const target = join(root, path);
  await mkdir(dirname(target), { recursive: true });
  // Remove first: writing through a link that a package left would change a file of the host.
  await rm(target, { force: true });
  if ("symlinkTo" in file) await symlink(file.symlinkTo, target);
  else await writeFile(target, file.text, { mode: file.mode ?? 0o644, flag: "wx" });
}

/** Removes what killed builds left, of one root file system or of all. Best effort: it is in nobody's way. */
export async function removeStaging(cache: string, key = ""): Promise<void> {
  for (const entry of await readdir(cache, { withFileTypes: true }).catch(() => []))
    if (entry.isDirectory() && entry.name.startsWith(`.${key}`))
      await removeTree(join(cache, entry.name)).catch(() => undefined);
}
