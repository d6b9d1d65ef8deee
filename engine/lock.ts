import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { until } from "../lib/until.ts";

/** Who holds a lock: a process, told from a later one with the same number by when it started. */
export interface LockHolder {
  pid: number;
  /** The kernel's start time of the process (clock ticks since boot); empty where the system doesn't tell. */
  started: string;
}

export interface LockOptions {
  signal?: AbortSignal;
  /** Called at each look while another process holds the lock. */
  onWait?: (holder: LockHolder) => void;
}

/**
 * Runs `work` while holding the lock file at `path`; waits as long as a living process holds it. A lock left by a
 * process that is gone is taken over. Builds take minutes, so the wait's own limit is an hour.
 */
export async function withLock<T>(path: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const own = JSON.stringify({ pid: process.pid, started: await startTime(process.pid), id: randomUUID() });
  await until(
    async () => {
      if (await take(path, own)) return { done: true, value: undefined };
      const holder = await livingHolder(path);
      if (holder) options.onWait?.(holder);
      return { done: false, reason: holder ? `held by process ${holder.pid}` : "left by a process that is gone" };
    },
    { what: `lock ${path}`, deadline: "60 min", every: "250 ms", signal: options.signal },
  );
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

/** Creates the file with its content in one step, so that nobody ever reads a half-written lock. */
async function take(path: string, content: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, content);
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  } finally {
    await rm(draft, { force: true });
  }
}

/** The process that holds the lock, if it still lives; else removes the lock and gives undefined. */
async function livingHolder(path: string): Promise<LockHolder | undefined> {
  const content = await readFile(path, "utf8").catch(() => undefined);
  if (content === undefined) return undefined;
  const holder = parseHolder(content);
  if (holder && (await isAlive(holder))) return holder;
  await removeStale(path, content);
  return undefined;
}

/** Removes the lock only if it still is the stale one: between the look and now another process may have taken it. */
async function removeStale(path: string, stale: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  if ((await readFile(aside, "utf8")) !== stale) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

function parseHolder(content: string): LockHolder | undefined {
  try {
    const { pid, started } = JSON.parse(content) as Partial<LockHolder>;
    return Number.isInteger(pid) && Number(pid) > 0 ? { pid: Number(pid), started: String(started ?? "") } : undefined;
  } catch {
    return undefined;
  }
}

async function isAlive(holder: LockHolder): Promise<boolean> {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  return (await startTime(holder.pid)) === holder.started;
}

/** Field 22 of /proc/PID/stat, counted after the command name, which may hold blanks and brackets (proc(5)). */
async function startTime(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}
