import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { InfraError } from "../lib/errors.ts";
import { run } from "../lib/exec.ts";
import { exists } from "../lib/exists.ts";
import { builtDockerCli, home } from "../lib/home.ts";
import { NODE_ROOTFS } from "./rootfs/node-rootfs.ts";
import { rootfsKey } from "./rootfs/rootfs.ts";

/** First Docker CLI whose `docker stack config` merges and interpolates as this project counts on. */
const MINIMUM_MAJOR = 25;

/**
 * First one that reads all of today's compose files. 26 refuses version 3.13, drops a volume's subpath without a
 * word, and takes `n`, `no` and `off` for truth values.
 */
const FULL_MAJOR = 28;

let found: Promise<readonly [string, ...string[]]> | undefined;

/**
 * Arguments that run a Docker CLI, to be followed by its own: the host's of version 28 or newer, else one built here,
 * else one of version 25 or newer, of the host or in the cached root file system of local nodes. Looked for once in a
 * process; needs no Docker Engine and no root.
 *
 * @param rootfsCache default: `rootfs` in recipe-ci's home
 * @throws InfraError when there is none.
 */
export function dockerCli(rootfsCache = home("rootfs")): Promise<readonly [string, ...string[]]> {
  found ??= findDockerCli(rootfsCache).catch((error: unknown) => {
    // It may be there at the next call: a node made meanwhile brings one.
    found = undefined;
    throw error;
  });
  return found;
}

/** {@link dockerCli} without its memory of what was found. `hostCli` is the host's command. */
export async function findDockerCli(rootfsCache: string, hostCli = "docker"): Promise<readonly [string, ...string[]]> {
  const full = await fullDockerCli(hostCli);
  if (full) return full;
  const own = await hostVersion(hostCli);
  if (own !== undefined && own >= MINIMUM_MAJOR) return [hostCli];
  const inRootfs = await rootfsCli(join(rootfsCache, rootfsKey(NODE_ROOTFS)));
  if (inRootfs && (await majorVersion(inRootfs)) !== undefined) return inRootfs;
  const has = own === undefined ? "no docker command on PATH" : `the docker command on PATH is version ${own}`;
  throw new InfraError(`${has}, and ${MINIMUM_MAJOR} or newer is needed to read compose files`, {
    remedy: `install a newer Docker CLI, or bring a local node up, which brings one`,
  });
}

/** Whether no Docker CLI is here that reads all of today's compose files. */
export async function lacksDockerCli(hostCli = "docker"): Promise<boolean> {
  return (await fullDockerCli(hostCli)) === undefined;
}

async function fullDockerCli(hostCli: string): Promise<readonly [string, ...string[]] | undefined> {
  if (((await hostVersion(hostCli)) ?? 0) >= FULL_MAJOR) return [hostCli];
  return (await exists(builtDockerCli())) ? [builtDockerCli()] : undefined;
}

/** Major versions of the host's commands, asked for once in a process. */
const hostVersions = new Map<string, Promise<number | undefined>>();

function hostVersion(hostCli: string): Promise<number | undefined> {
  const version = hostVersions.get(hostCli) ?? majorVersion([hostCli]);
  hostVersions.set(hostCli, version);
  return version;
}

/** Major version in what `docker --version` prints; undefined when there is none. */
export function parseMajorVersion(text: string): number | undefined {
  const match = /^Docker version (\d+)\./.exec(text);
  return match ? Number(match[1]) : undefined;
}

async function majorVersion(cli: readonly [string, ...string[]]): Promise<number | undefined> {
  const result = await run([...cli, "--version"], { timeout: 10_000 }).catch(() => undefined);
  return result?.code === 0 ? parseMajorVersion(result.stdout) : undefined;
}

/** The CLI in a root file system, run by that one's own loader and libraries: the host's may be older. */
async function rootfsCli(rootfs: string): Promise<readonly [string, ...string[]] | undefined> {
  const cli = join(rootfs, "usr/bin/docker");
  if (!(await exists(cli))) return undefined;
  const libraries = (await list(join(rootfs, "usr/lib"))).find((name) => name.includes("-linux-gnu"));
  if (!libraries) return undefined;
  const libraryFolder = join(rootfs, "usr/lib", libraries);
  const loader = (await list(libraryFolder)).find((name) => /^ld-linux.*\.so\.\d+$/.test(name));
  return loader ? [join(libraryFolder, loader), "--library-path", libraryFolder, cli] : undefined;
}

async function list(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
