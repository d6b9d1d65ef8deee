import { rm } from "node:fs/promises";
import { basename } from "node:path";
import { exists } from "../../lib/exists.ts";
import { home } from "../../lib/home.ts";
import { deadLocks } from "../../lib/lock.ts";
import { unusedRootfs } from "../../machine/rootfs/rootfs-cache.ts";
import { forgottenCheckouts } from "../../source/forgotten-checkouts.ts";
import { bytesOf, entriesOf, type Spare, type Store } from "./store.ts";

const HOUR_MS = 3_600_000;

/** Where something is made beside its final place, and how it is named until then. */
const PLACES: readonly { folder: readonly string[]; name: RegExp }[] = [
  { folder: ["images"], name: /\.\d+$/ },
  { folder: ["git"], name: /\.git\.[0-9a-f-]{36}$/ },
  ...[["engine"], ["engine", "built"], ["pulumi", "plugins"]].map((folder) => ({ folder, name: /^\.staging-/ })),
];

/**
 * What a killed process had half-made, and the locks that it held, where nobody may come by again. What changed within
 * the hour may still be in the making.
 */
export async function halfMade(now = Date.now()): Promise<Store> {
  const found = await Promise.all([
    ...PLACES.map((place) => inPlace(place, now)),
    checkouts(now),
    strayGitLocks(now),
    heldByNobody(),
  ]);
  const spare = found.flat();
  const bytes = spare.reduce((sum, one) => sum + one.bytes, 0);
  return { name: "half-made", bytes, bound: "what is being made", spare };
}

/** Root file systems of machines: some 400 MB for each version of what is in them. */
export async function rootfsCache(now = Date.now()): Promise<Store> {
  const folder = home("rootfs");
  const spare = (await unusedRootfs(folder, now)).map(async ({ path, ...one }) => ({
    ...one,
    bytes: await bytesOf(path),
  }));
  return {
    name: "root file systems",
    bytes: await bytesOf(folder),
    bound: "those of machines, and the next one's",
    spare: await Promise.all(spare),
  };
}

async function inPlace({ folder, name }: (typeof PLACES)[number], now: number): Promise<Spare[]> {
  return (await entriesOf(home(...folder), name))
    .filter(({ usedAt }) => now - usedAt > HOUR_MS)
    .map(({ name, path, bytes }) => ({ name, bytes, remove: () => rm(path, { recursive: true, force: true }) }));
}

/** Of recipes' versions, with a day's grace: that of a run is looked at until its end. */
async function checkouts(now: number): Promise<Spare[]> {
  const paths = await forgottenCheckouts(home("git", "trees"), now);
  return Promise.all(
    paths.map(async (path): Promise<Spare> => {
      const remove = () => rm(path, { recursive: true, force: true });
      return { name: basename(path), bytes: await bytesOf(path), remove };
    }),
  );
}

/** Those of repositories that were pruned. */
async function strayGitLocks(now: number): Promise<Spare[]> {
  const locks = await entriesOf(home("git"), /\.git\.lock$/);
  const stray = await Promise.all(
    locks.map(async ({ name, path, usedAt }): Promise<Spare[]> => {
      if (now - usedAt < HOUR_MS || (await exists(path.replace(/\.lock$/, "")))) return [];
      return [{ name, bytes: 0, remove: () => rm(path, { force: true }) }];
    }),
  );
  return stray.flat();
}

async function heldByNobody(): Promise<Spare[]> {
  return (await deadLocks()).map(({ name, remove }) => ({ name: `lock ${name}`, bytes: 0, remove }));
}
