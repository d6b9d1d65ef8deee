import { readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { InfraError } from "../lib/errors.ts";
import { isAlive, type ProcessIdentity, processIdentity } from "../lib/process-identity.ts";
import { inLocalState } from "./local-state.ts";

/** Ticks a second of the times in /proc, whatever the kernel's own rate (USER_HZ). */
const TICKS = 100;
/** Seconds by which the clock may have been set since. */
const SLACK = 5;

/** A lock as Pulumi writes it (pulumi/pulumi pkg/backend/diy/lock.go). */
interface Lock {
  pid: number;
  username: string;
  hostname: string;
  timestamp: string;
}

/**
 * Refuses an operation on a stack that Pulumi would refuse with many words, and says who has it. Knows states that
 * lie in a folder; of others Pulumi tells itself.
 *
 * @throws InfraError naming the process, with the command that removes the lock of a dead one
 */
export function refuseLocked(stack: string): void {
  const [lock] = locksOf(stack);
  if (!lock) return;
  const since = `since ${lock.timestamp.slice(0, 19).replace("T", " ")}`;
  if (lock.hostname !== hostname())
    throw new InfraError(`stack ${stack} is locked by process ${lock.pid} of host ${lock.hostname} ${since}`, {
      remedy: `wait for it, or where it is gone: npx recipe-ci pulumi cancel -s ${stack}`,
    });
  const command = holderOf(lock);
  if (command === undefined)
    throw new InfraError(`stack ${stack} is locked by process ${lock.pid}, which is dead, ${since}`, {
      remedy: `npx recipe-ci pulumi cancel -s ${stack}, then run again`,
    });
  throw new InfraError(`stack ${stack} is in use by process ${lock.pid} (${command}) ${since}`, {
    remedy: "wait for it to end, or stop it, then run again",
  });
}

/** Whether a stack is locked by a process of this host that is dead. */
export function hasDeadLock(stack: string): boolean {
  const [lock] = locksOf(stack);
  return lock !== undefined && lock.hostname === hostname() && holderOf(lock) === undefined;
}

/** Locks of a stack, oldest first. Empty for a state that is in no folder. */
function locksOf(stack: string): Lock[] {
  const folder = inLocalState("locks", "organization", "recipe-ci", stack);
  if (!folder) return [];
  const locks = list(folder).flatMap((name) => read(join(folder, name)) ?? []);
  return locks.sort((a, b) => a.timestamp.localeCompare(b.timestamp));
}

/** The command line of the process that holds a lock of this host; undefined when it is dead. */
function holderOf(lock: Lock): string | undefined {
  const identity = processIdentity(lock.pid);
  if (!isAlive(identity) || startedAfter(identity, lock)) return undefined;
  const command = text(`/proc/${lock.pid}/cmdline`).replaceAll("\0", " ").trim();
  return command.slice(0, 80) || "its command is not known";
}

/** Whether a process began after the lock was made: then its number was given out again. */
function startedAfter({ startTicks }: ProcessIdentity, lock: Lock): boolean {
  const booted = Number(/^btime (\d+)$/m.exec(text("/proc/stat"))?.[1]);
  return startTicks !== undefined && booted + startTicks / TICKS > Date.parse(lock.timestamp) / 1000 + SLACK;
}

function read(file: string): Lock | undefined {
  try {
    return JSON.parse(text(file)) as Lock;
  } catch {
    return undefined;
  }
}

function text(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(".json"));
  } catch {
    return [];
  }
}
