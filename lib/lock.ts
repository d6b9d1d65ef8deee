import { mkdir, readdir, readlink, rm, symlink } from "node:fs/promises";
import { dirname } from "node:path";
import type { Duration } from "./duration.ts";
import { InfraError } from "./errors.ts";
import { home } from "./home.ts";
import { shortHash } from "./names.ts";
import { isAlive, type ProcessIdentity, processIdentity } from "./process-identity.ts";
import { DeadlineError, until } from "./until.ts";

export interface LockOptions {
  /**
   * Where the lock lies. Default: under `locks` in recipe-ci's home, by the name. Give one for what several homes
   * share, since the default keeps only the processes of one home apart.
   */
  file?: string;
  /** How long to wait for whoever holds it. Default `"2 min"`. */
  deadline?: Duration;
  signal?: AbortSignal;
  /** Called at each look while another process holds the lock. */
  onWait?: (holder: ProcessIdentity) => void;
}

/** Stands in a lock for what the system doesn't tell of its holder. */
const NOT_KNOWN = "-";

/**
 * Runs `work` while nobody else runs work under the same name: a path, or a noun phrase for the error.
 * A lock left by a process that is gone is taken over. Not for processes that see different pids (containers).
 *
 * @throws InfraError when another process holds it past the deadline, or it can't be written; the signal's reason.
 */
export async function withLock<T>(name: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  const file = options.file ?? home("locks", shortHash([name], 32));
  await usable(file, () => mkdir(dirname(file), { recursive: true }));
  await until(
    async () => {
      if (await take(file)) return { done: true, value: undefined };
      const holder = await livingHolder(file);
      if (holder) options.onWait?.(holder);
      return { done: false, reason: holder ? `held by process ${holder.pid}` : "left by a process that is gone" };
    },
    { what: `lock on ${name}`, deadline: options.deadline ?? "2 min", every: "100 ms", signal: options.signal },
  ).catch((error: unknown) => {
    if (!(error instanceof DeadlineError)) throw error;
    throw new InfraError(`${name} is in use by another recipe-ci process: ${error.lastReason}`, {
      remedy: "wait for it to end, or stop it, and try again",
      cause: error,
    });
  });
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

/** Locks of this home whose holder is gone, by file name. Whoever takes one of that name removes it as well. */
export async function deadLocks(): Promise<{ name: string; remove: () => Promise<void> }[]> {
  const names = await readdir(home("locks")).catch((): string[] => []);
  const dead = await Promise.all(
    names.map(async (name) => {
      const file = home("locks", name);
      const content = await read(file);
      const holder = content === undefined ? undefined : parseHolder(content);
      if (content === undefined || (holder && isAlive(holder))) return [];
      return [{ name, remove: () => removeStale(file, content) }];
    }),
  );
  return dead.flat();
}

/**
 * A lock is a link whose target says who holds it: made with its content in one step, so that nobody reads half of
 * it, and short enough for the inode (59 bytes on ext4), so that it can be taken to clean up a full disk.
 */
async function take(file: string): Promise<boolean> {
  const content = describeHolder(processIdentity());
  return usable(file, async () => {
    try {
      await symlink(content, file);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
      throw error;
    }
  });
}

/** The process that holds the lock, if it still lives; else removes the lock and gives undefined. */
async function livingHolder(file: string): Promise<ProcessIdentity | undefined> {
  const content = await read(file);
  if (content === undefined) return undefined;
  const holder = parseHolder(content);
  if (holder && isAlive(holder)) return holder;
  await removeStale(file, content);
  return undefined;
}

/** Only one process at a time may do this, or a slow one would remove the lock that a quick one has taken since. */
async function removeStale(file: string, stale: string): Promise<void> {
  const turn = `${file}.stale`;
  if (!(await take(turn))) {
    await livingHolder(turn);
    return;
  }
  try {
    if ((await read(file)) === stale) await rm(file, { force: true });
  } finally {
    await rm(turn, { force: true });
  }
}

/** Who holds the lock, as written; undefined when nobody does. */
async function read(file: string): Promise<string | undefined> {
  try {
    return await readlink(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new InfraError(`${file} is no lock: ${(error as Error).message}`, { remedy: "remove it", cause: error });
  }
}

function describeHolder({ pid, startTicks, bootId }: ProcessIdentity): string {
  return [pid, startTicks ?? NOT_KNOWN, bootId ?? NOT_KNOWN].join(" ");
}

function parseHolder(content: string): ProcessIdentity | undefined {
  const match = /^([1-9]\d*) (\d+|-) (\S+)$/.exec(content);
  if (!match) return undefined;
  const [, pid, startTicks, bootId] = match;
  return {
    pid: Number(pid),
    startTicks: startTicks === NOT_KNOWN ? undefined : Number(startTicks),
    bootId: bootId === NOT_KNOWN ? undefined : bootId,
  };
}

/** Passes on what writing a lock says, with an error for people when the folder or the disk forbids it. */
async function usable<T>(file: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw new InfraError(`can't write the lock ${file}: ${(error as Error).message}`, {
      remedy: "see that its folder may be written to and the disk has room",
      cause: error,
    });
  }
}
