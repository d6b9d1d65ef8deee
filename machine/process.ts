import { readFileSync } from "node:fs";

/**
 * One process of this boot of the host. A bare pid is not enough: it is given out again, so a file
 * left by a crash may name a stranger. The start time and the boot id tell them apart.
 */
export interface ProcessIdentity {
  pid: number;
  /** Clock ticks after the host's boot: field 22 of /proc/PID/stat, see proc_pid_stat(5). */
  startTicks: string;
  bootId: string;
}

/** Whether that very process still runs. A zombie does not. */
export function isAlive(identity: ProcessIdentity): boolean {
  const stat = readStat(identity.pid);
  return stat !== undefined && stat.startTicks === identity.startTicks && identity.bootId === hostBootId();
}

/** Sends a signal to that very process; false when it is gone. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  return isAlive(identity) && signalPid(identity.pid, signal);
}

/** Sends a signal to a pid just read from the kernel; false when it is gone. */
export function signalPid(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

/** State, parent and start time from a line of /proc/PID/stat; undefined when it is not one. */
export function parseStat(line: string): { state: string; parent: number; startTicks: string } | undefined {
  // The command name before the last parenthesis may itself hold spaces and parentheses.
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const [state, parent] = fields;
  const startTicks = fields[19];
  if (!line.includes(")") || !state || !parent || !startTicks) return undefined;
  return { state, parent: Number(parent), startTicks };
}

/** Id of the host's current boot. */
export function hostBootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

function readStat(pid: number): { startTicks: string } | undefined {
  try {
    const stat = parseStat(readFileSync(`/proc/${pid}/stat`, "utf8"));
    return stat && stat.state !== "Z" && stat.state !== "X" ? stat : undefined;
  } catch {
    return undefined;
  }
}
