import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { InfraError } from "../lib/errors.ts";
import { exists } from "../lib/exists.ts";
import { home } from "../lib/home.ts";
import { withLock } from "../lib/lock.ts";
import { replaceFile } from "../lib/replace-file.ts";
import { ensureCgroups, type MachineLimits, machineCgroups, removeCgroups } from "./cgroup.ts";
import { ensureSpace, refuseOverlay } from "./disk-space.ts";
import { assertUsableFolder, type MachineLayout, machineLayout } from "./layout.ts";
import { hostMountsBelow, mountRoot } from "./mounts.ts";
import { attach, attachmentLeftovers, detach } from "./network/attachment.ts";
import type { Network } from "./network/network.ts";
import { freeAddress } from "./network/subnet.ts";
import type { Bind } from "./nspawn.ts";
import { powerOff, powerOn, supervision } from "./power.ts";
import type { Progress } from "./progress.ts";
import { removeTree, unmountBelow } from "./remove-tree.ts";
import { type Rootfs, type RootfsFile, writeRootfsFile } from "./rootfs/rootfs.ts";

/** All that makes one machine: kept in its folder, so that it can be started again by name alone. */
export interface MachineSpec {
  /** Also its host name. */
  name: string;
  rootfs: Rootfs;
  limits: MachineLimits;
  network: Network;
  address: string;
  binds: readonly Bind[];
  /** Machine whose Swarm it joins as a worker. Default: it is a manager itself. */
  manager?: string;
  /** Domain whose names lead its containers to the node's Traefik. Default: none does. */
  baseDomain?: string;
  /** Registry that the node's cache asks. Default: it has no cache. */
  cacheOf?: string;
  /** Files written into the machine before each power-on, by absolute path. */
  seed: Readonly<Record<string, RootfsFile>>;
}

/** MiB free for a boot: the logs of a Swarm manager alone take 125. */
const BOOT_MIB = 600;

/**
 * Brings a machine to what its spec says and on. Every step looks first whether it is done, so a second call is quick
 * and a call after a crash, a kill or a reboot of the host mends what is missing.
 *
 * New limits apply at once; another change restarts the machine; another root file system makes it anew, empty.
 */
export async function ensureMachine(spec: MachineSpec, progress: Progress): Promise<void> {
  const layout = machineLayout(spec.name);
  assertUsableFolder(layout);
  await withLock(layout.folder, async () => {
    const previous = await readSpec(spec.name);
    if (previous && previous.rootfs.key !== spec.rootfs.key) {
      progress(`${spec.name}: its root file system has changed, starting from nothing`);
      await destroyLocked(layout);
    }
    const running = (await supervision(layout)) !== undefined;
    if (running && previous && isSameButLimits(previous, spec) && (await isWired(layout, spec.network))) {
      await ensureCgroups(layout.id, spec.limits);
      saveSpec(layout, spec);
      return;
    }
    if (running) await powerOff(layout, "soft");
    const isNew = (await readSpec(spec.name)) === undefined;
    try {
      await start(layout, spec, progress);
    } catch (error) {
      // Nobody keeps a record of a step that failed: what it made has to go with it, but for the disk of an older one.
      await (isNew ? destroyLocked(layout) : switchOff(layout)).catch(() => undefined);
      throw error;
    }
  });
}

/** Pulls the plug of a machine and leaves its disk. Does nothing when it is off. */
export async function stopMachine(name: string): Promise<void> {
  const layout = machineLayout(name);
  await withLock(layout.folder, () => powerOff(layout, "hard"));
}

/**
 * Removes a machine and everything of it on this host, and verifies that it is gone. Works on a half-made one.
 *
 * @throws InfraError listing what could not be removed.
 */
export async function destroyMachine(name: string): Promise<void> {
  const layout = machineLayout(name);
  await withLock(layout.folder, () => destroyLocked(layout));
}

/** What exists of a machine on this host, in words. Empty for one that was never made, or is destroyed. */
export async function machineLeftovers(name: string): Promise<string[]> {
  const layout = machineLayout(name);
  return [
    ...((await exists(layout.folder)) ? [`folder ${layout.folder}`] : []),
    ...(await hostMountsBelow(layout.folder)).map((point) => `mount ${point}`),
    ...(await attachmentLeftovers(layout.id)),
    ...(await machineCgroups(layout.id)).map((folder) => `cgroup ${folder}`),
  ];
}

/** The spec a machine was last started with; undefined when there is no such machine. */
export async function readSpec(name: string): Promise<MachineSpec | undefined> {
  const text = await readFile(machineLayout(name).spec, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as MachineSpec;
  } catch {
    // Written by rename, so only a broken disk gets here: as good as no machine, and made anew.
    return undefined;
  }
}

/** The specs of all machines of this home. */
export async function allSpecs(): Promise<MachineSpec[]> {
  const names = await readdir(home("machines")).catch(() => []);
  return (await Promise.all(names.map(readSpec))).flatMap((spec) => spec ?? []);
}

/** The machines that are workers of a machine's Swarm, by name. */
export async function workersOf(manager: string): Promise<MachineSpec[]> {
  const workers = (await allSpecs()).filter((spec) => spec.manager === manager);
  return workers.sort((one, other) => one.name.localeCompare(other.name, "en", { numeric: true }));
}

/** The address a machine has, or the first one of the network that no other machine has. */
export async function pickAddress(name: string, network: Network): Promise<string> {
  const own = await readSpec(name);
  if (own && own.network.subnet === network.subnet) return own.address;
  const others = (await allSpecs()).filter((spec) => spec.name !== name);
  const address = freeAddress(
    network.subnet,
    others.map((spec) => spec.address),
  );
  if (!address) throw new InfraError(`no free address in ${network.subnet}`, { remedy: "destroy an old machine" });
  return address;
}

async function start(layout: MachineLayout, spec: MachineSpec, progress: Progress): Promise<void> {
  await ensureSpace(layout.folder, BOOT_MIB);
  await refuseOverlay(layout.folder);
  // Also clears what a crash left running, or a machine that another version of its spec started.
  await powerOff(layout, "hard");
  for (const folder of [layout.upper, layout.work, layout.root, layout.docker, layout.containerd, layout.run])
    await mkdir(folder, { recursive: true });
  saveSpec(layout, spec);
  await unmountRoot(layout);
  await mountRoot(layout, spec.rootfs.folder);
  for (const [path, file] of Object.entries(spec.seed)) await writeRootfsFile(layout.root, path, file);
  await attach(layout.id, spec.address, spec.network);
  const cgroups = await ensureCgroups(layout.id, spec.limits);
  progress(`${spec.name}: power on`);
  await powerOn(layout, spec.binds, spec.name, cgroups);
}

/** Leaves nothing of a machine on the host but its folder. */
async function switchOff(layout: MachineLayout): Promise<void> {
  await powerOff(layout, "hard");
  await detach(layout.id);
  await unmountRoot(layout);
  await removeCgroups(layout.id);
}

async function destroyLocked(layout: MachineLayout): Promise<void> {
  await switchOff(layout);
  await removeTree(layout.folder);
  // systemd-nspawn removes it, but not when it is killed itself.
  await removeTree(`/run/systemd/nspawn/propagate/${layout.id}`);
  const left = await machineLeftovers(layout.folder.slice(home("machines").length + 1));
  if (left.length > 0) throw new InfraError(`not removed: ${left.join(", ")}`);
}

/** Unmounts a machine's root, and removes the lock file systemd-nspawn made for it under the root's inode. */
async function unmountRoot(layout: MachineLayout): Promise<void> {
  if ((await hostMountsBelow(layout.root)).length === 0) return;
  const { dev, ino } = await stat(layout.root);
  await unmountBelow(layout.root);
  await rm(`/run/systemd/nspawn/locks/inode-${dev}:${ino}`, { force: true });
}

async function isWired(layout: MachineLayout, { bridge }: Network): Promise<boolean> {
  return exists(`/sys/class/net/${bridge}/brif/${layout.id}`);
}

function isSameButLimits(a: MachineSpec, b: MachineSpec): boolean {
  return JSON.stringify({ ...a, limits: undefined }) === JSON.stringify({ ...b, limits: undefined });
}

function saveSpec(layout: MachineLayout, spec: MachineSpec): void {
  replaceFile(layout.spec, `${JSON.stringify(spec, undefined, 2)}\n`, 0o600);
}
