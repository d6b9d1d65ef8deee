import { readdir, readFile, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { home } from "../../lib/home.ts";
import { allSpecs } from "../machine.ts";
import { removeTree } from "../remove-tree.ts";
import { NODE_ROOTFS } from "./node-rootfs.ts";
import { rootfsKey } from "./rootfs.ts";

/** Milliseconds a folder is left alone: it may be about to be used by the process that made it. */
const GRACE_MS = 60 * 60_000;

/** A root file system that nobody needs. */
export interface UnusedRootfs {
  name: string;
  path: string;
  remove: () => Promise<void>;
}

/**
 * Root file systems of this home that no machine is made from, and what killed builds left: some 400 MB each. Not
 * among them: what was made within the last hour, what is under a mounted machine of any home, what the next node is
 * made from, and a cache elsewhere, which other homes may use.
 */
export async function unusedRootfs(cache: string, now = Date.now()): Promise<UnusedRootfs[]> {
  if (cache !== home("rootfs")) return [];
  const used = [...(await allSpecs()).map(({ rootfs }) => rootfs.folder), join(cache, rootfsKey(NODE_ROOTFS))];
  const mounts = await readFile("/proc/self/mountinfo", "utf8").catch(() => "");
  const unused: UnusedRootfs[] = [];
  for (const entry of await readdir(cache, { withFileTypes: true }).catch(() => [])) {
    const path = join(cache, entry.name);
    if (!entry.isDirectory() || used.includes(path) || mounts.includes(`lowerdir=${path},`)) continue;
    const made = await stat(path).catch(() => undefined);
    if (!made || now - made.ctimeMs < GRACE_MS) continue;
    unused.push({ name: entry.name, path, remove: () => removeHidden(cache, entry.name) });
  }
  return unused;
}

/** Removes them. Best effort: what can't be removed is in nobody's way. */
export async function removeUnusedRootfs(cache: string, now = Date.now()): Promise<void> {
  for (const { remove } of await unusedRootfs(cache, now)) await remove().catch(() => undefined);
}

/** Takes a folder's name away first: half a root file system must never be found under it. */
async function removeHidden(cache: string, name: string): Promise<void> {
  const folder = join(cache, name);
  const hidden = name.startsWith(".") ? folder : join(cache, `.${name}-unused`);
  if (hidden !== folder) await rename(folder, hidden);
  await removeTree(hidden);
}
