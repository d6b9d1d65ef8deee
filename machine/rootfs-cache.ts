import { readdir, readFile, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { home } from "../lib/home.ts";
import { allSpecs } from "./machine.ts";
import { removeTree } from "./remove-tree.ts";

/** Milliseconds a folder is left alone: it may be about to be used by the process that made it. */
const GRACE_MS = 60 * 60_000;

/**
 * Removes root file systems of this home that no machine is made from, and what killed builds left: some 400 MB each.
 * Leaves folders that were made within the last hour, those under a mounted machine of any home, and a cache
 * elsewhere, which other homes may use. Best effort: what can't be removed is in nobody's way.
 */
export async function removeUnusedRootfs(cache: string, now = Date.now()): Promise<void> {
  if (cache !== home("rootfs")) return;
  const used = (await allSpecs()).map(({ rootfs }) => rootfs.folder);
  const mounts = await readFile("/proc/self/mountinfo", "utf8");
  for (const entry of await readdir(cache, { withFileTypes: true })) {
    const folder = join(cache, entry.name);
    if (!entry.isDirectory() || used.includes(folder) || mounts.includes(`lowerdir=${folder},`)) continue;
    await removeWhenOld(cache, entry.name, now).catch(() => undefined);
  }
}

/** Takes a folder's name away first: half a root file system must never be found under it. */
async function removeWhenOld(cache: string, name: string, now: number): Promise<void> {
  const folder = join(cache, name);
  if (now - (await stat(folder)).ctimeMs < GRACE_MS) return;
  const hidden = name.startsWith(".") ? folder : join(cache, `.${name}-unused`);
  if (hidden !== folder) await rename(folder, hidden);
  await removeTree(hidden);
}
