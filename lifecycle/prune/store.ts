import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

/** One thing that may go. */
export interface Spare {
  name: string;
  bytes: number;
  remove: () => Promise<void>;
}

/** Something that grows with use, and its bound. */
export interface Store {
  /** For a person, e.g. `run folders`. */
  name: string;
  /** How much there is now; undefined where nobody can say. */
  bytes: number | undefined;
  /** For a person, e.g. `the newest 50`. */
  bound: string;
  /** What is beyond the bound and needed by nobody, in the order in which it goes. */
  spare: Spare[];
  /** Why nothing of it may go now, though it may be beyond its bound. */
  held?: string;
  /** Runs the removals of what is spare, one or more, with what has to be done before and after them. Default: nothing. */
  around?: <T>(removals: () => Promise<T>) => Promise<T>;
}

/** One thing a store has: with `needed`, whatever its size or age. */
export interface Kept extends Spare {
  /** Milliseconds since 1970 of its last use. */
  usedAt: number;
  needed?: boolean;
}

/** The longest unused that must go so that no more than `bytes` stay; what is needed stays and counts. */
export function beyondBytes(all: readonly Kept[], bytes: number): Spare[] {
  const total = all.reduce((sum, one) => sum + one.bytes, 0);
  let excess = total - bytes;
  const oldestFirst = all.filter(({ needed }) => !needed).sort((a, b) => a.usedAt - b.usedAt);
  return oldestFirst.filter((one) => {
    if (excess <= 0) return false;
    excess -= one.bytes;
    return true;
  });
}

/** All but the newest `count`; what is needed stays and is not counted. */
export function beyondCount(all: readonly Kept[], count: number): Spare[] {
  return all
    .filter(({ needed }) => !needed)
    .sort((a, b) => b.usedAt - a.usedAt)
    .slice(count)
    .reverse();
}

/** Bytes of all files below a path; 0 for what is not there. Links are not followed. */
export async function bytesOf(path: string): Promise<number> {
  const own = await lstat(path).catch(() => undefined);
  if (!own) return 0;
  if (!own.isDirectory()) return own.size;
  const names = await readdir(path).catch((): string[] => []);
  let sum = 0;
  for (const name of names) sum += await bytesOf(join(path, name));
  return sum;
}

/** Something in a folder, with its size and when it was last changed (milliseconds since 1970). */
export interface Entry {
  name: string;
  path: string;
  bytes: number;
  usedAt: number;
}

/** What is in a folder, all of it or what a pattern names. */
export async function entriesOf(folder: string, pattern = /^/): Promise<Entry[]> {
  const names = (await readdir(folder).catch((): string[] => [])).filter((name) => pattern.test(name));
  const all = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const stat = await lstat(path).catch(() => undefined);
      return stat && { name, path, bytes: await bytesOf(path), usedAt: stat.mtimeMs };
    }),
  );
  return all.flatMap((one) => one ?? []);
}
