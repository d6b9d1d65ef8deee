import { readFileSync } from "node:fs";

/**
 * One process of this boot of the host. A bare pid is not enough: it is given out again, so a file left by a crash
 * may name a stranger. The start time and the boot id tell them apart. Where there is no /proc, the pid has to do.
 */
export interface ProcessIdentity {
  pid: number;
  /** Clock ticks after boot: field 22 of /proc/PID/stat, see proc_pid_stat(5). Undefined where there is no /proc. */
  startTicks?: number;
  /** Changes with every boot. Undefined where there is no /proc. */
  bootId?: string;
}

/** The identity of a process that runs. Default: this one. */
export function processIdentity(pid = process.pid): ProcessIdentity {
  return { pid, startTicks: readStat(pid)?.startTicks, bootId: hostBootId() };
}

/** Whether exactly this process still runs. A zombie does not. */
export function isAlive(identity: ProcessIdentity): boolean {
  if (identity.bootId !== hostBootId() || !exists(identity.pid)) return false;
  const stat = readStat(identity.pid);
  return stat?.startTicks === identity.startTicks && stat?.state !== "Z" && stat?.state !== "X";
}

/** State, parent and start time from a line of /proc/PID/stat; undefined when it is not one. */
export function parseStat(line: string): { state: string; parent: number; startTicks: number } | undefined {
  // The command name before the last parenthesis may itself hold spaces and parentheses.
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const [state, parent] = fields;
  const startTicks = fields[19];
  if (!line.includes(")") || !state || !parent || !startTicks) return undefined;
  return { state, parent: Number(parent), startTicks: Number(startTicks) };
}

/** Id of the host's current boot; undefined where there is no /proc. */
export function hostBootId(): string | undefined {
  return readText("/proc/sys/kernel/random/boot_id")?.trim();
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It is there, but another user's.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function readStat(pid: number): ReturnType<typeof parseStat> {
  return parseStat(readText(`/proc/${pid}/stat`) ?? "");
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
