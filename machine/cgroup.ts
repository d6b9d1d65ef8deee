import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exists } from "../lib/exists.ts";
import { until } from "../lib/until.ts";

/** One mounted cgroup hierarchy. Version 1 has several, version 2 a single one; hybrid hosts have both. */
export interface CgroupHierarchy {
  path: string;
  version: 1 | 2;
  /** Mount options, among them a version 1 hierarchy's controllers. */
  options: readonly string[];
}

/** What a machine may use at most. */
export interface MachineLimits {
  memoryMiB: number;
  /** May have a fraction. */
  cpus: number;
}

/** Cgroups of a machine: the loop that restarts it joins one set, the machine itself the other. */
export interface MachineCgroups {
  loop: string[];
  machine: string[];
}

const PARENT = "recipe-ci";

/** Microseconds of one accounting period: the kernel's own default. */
const CPU_PERIOD = 100_000;

/** Cgroup hierarchies in a text of /proc/mounts. */
export function parseHierarchies(mounts: string): CgroupHierarchy[] {
  return mounts.split("\n").flatMap((line): CgroupHierarchy[] => {
    const [, path, type, options] = line.split(" ");
    if (!path || (type !== "cgroup" && type !== "cgroup2")) return [];
    return [{ path, version: type === "cgroup" ? 1 : 2, options: options?.split(",") ?? [] }];
  });
}

/** The host's cgroup hierarchies. */
export async function hierarchies(): Promise<CgroupHierarchy[]> {
  return parseHierarchies(await readFile("/proc/mounts", "utf8"));
}

/** Whether machines get version 1 cgroups, which newer systemd asks to be allowed. */
export async function hasLegacyCgroups(): Promise<boolean> {
  return (await hierarchies()).some(({ version }) => version === 1);
}

/**
 * Makes a machine's cgroups and sets its limits; on a running machine they take effect at once. A limit whose
 * controller the kernel lacks is left out: the node's capabilities say so.
 */
export async function ensureCgroups(id: string, limits: MachineLimits): Promise<MachineCgroups> {
  const cgroups: MachineCgroups = { loop: [], machine: [] };
  for (const hierarchy of await hierarchies()) {
    const own = join(hierarchy.path, PARENT, id);
    await mkdir(own, { recursive: true });
    if (hierarchy.version === 1) {
      await prepareVersion1(hierarchy, own);
      cgroups.loop.push(own);
      cgroups.machine.push(own);
    } else {
      // A version 2 group with controllers for its children may hold no process itself (cgroups(7)).
      for (const folder of [hierarchy.path, join(hierarchy.path, PARENT), own]) await delegate(folder);
      cgroups.loop.push(await child(own, "loop"));
      cgroups.machine.push(await child(own, "machine"));
    }
    await setLimits(own, limits);
  }
  return cgroups;
}

/** Process ids in any of a machine's cgroups, on the host's side. Empty when there are none. */
export async function cgroupProcesses(id: string): Promise<number[]> {
  const pids = new Set<number>();
  for (const { path } of await hierarchies())
    for (const folder of await tree(join(path, PARENT, id)))
      for (const pid of (await readText(join(folder, "cgroup.procs"))).split("\n")) pids.add(Number(pid));
  // An empty line, or a process of an outer pid namespace: to kill(2), 0 means the caller's own group.
  pids.delete(0);
  return [...pids];
}

/** A machine's cgroup in each hierarchy where it exists. */
export async function machineCgroups(id: string): Promise<string[]> {
  const folders: string[] = [];
  for (const { path } of await hierarchies()) folders.push(...(await tree(join(path, PARENT, id))).slice(-1));
  return folders;
}

/** Removes a machine's cgroups, and the parent of all machines' after the last one. Its processes must be gone. */
export async function removeCgroups(id: string): Promise<void> {
  await until(
    async () => {
      for (const { path } of await hierarchies())
        for (const folder of await tree(join(path, PARENT, id))) await rmdir(folder).catch(() => undefined);
      const left = await machineCgroups(id);
      return left[0] === undefined ? { done: true, value: undefined } : { done: false, reason: `${left[0]} is busy` };
    },
    { what: `cgroups of ${id} removed`, deadline: "10 s", every: "20 ms" },
  );
  // Fails while it holds another machine, which is what it is for.
  for (const { path } of await hierarchies()) await rmdir(join(path, PARENT)).catch(() => undefined);
}

async function prepareVersion1(hierarchy: CgroupHierarchy, own: string): Promise<void> {
  if (!hierarchy.options.includes("cpuset")) return;
  // A cpuset starts empty, and no process can join it until both lists are filled.
  for (const file of ["cpuset.cpus", "cpuset.mems"]) {
    const all = await readFile(join(hierarchy.path, file), "utf8");
    for (const folder of [join(hierarchy.path, PARENT), own]) await writeFile(join(folder, file), all);
  }
}

async function setLimits(own: string, { memoryMiB, cpus }: MachineLimits): Promise<void> {
  const memory = String(memoryMiB * 1024 * 1024);
  const quota = String(Math.round(cpus * CPU_PERIOD));
  await writeIfThere(join(own, "memory.limit_in_bytes"), memory);
  await writeIfThere(join(own, "cpu.cfs_quota_us"), quota);
  await writeIfThere(join(own, "memory.max"), memory);
  await writeIfThere(join(own, "cpu.max"), `${quota} ${CPU_PERIOD}`);
}

async function delegate(folder: string): Promise<void> {
  const available = (await readText(join(folder, "cgroup.controllers"))).split(/\s+/).filter(Boolean);
  // One at a time: a controller that can't be handed down must not take the others with it.
  for (const controller of available)
    await writeFile(join(folder, "cgroup.subtree_control"), `+${controller}`).catch(() => undefined);
}

async function child(folder: string, name: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(path, { recursive: true });
  return path;
}

async function tree(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined);
  if (!entries) return [];
  const below: string[] = [];
  for (const entry of entries) if (entry.isDirectory()) below.push(...(await tree(join(folder, entry.name))));
  return [...below, folder];
}

async function writeIfThere(path: string, value: string): Promise<void> {
  if (await exists(path)) await writeFile(path, value);
}

async function readText(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}
