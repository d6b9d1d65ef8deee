import { readFileSync } from "node:fs";

/** A process, told apart from a later one with the same number by when it started. */
export interface ProcessId {
  pid: number;
  /** Clock ticks after boot (field 22 of /proc/<pid>/stat, see proc(5)); undefined where there is no /proc. */
  startTicks?: number;
  /** Changes with every boot. */
  bootId?: string;
}

/** The identity of a running process. Default: this one. */
export function processId(pid = process.pid): ProcessId {
  return { pid, startTicks: startTicks(pid), bootId: bootId() };
}

/** Whether exactly this process still runs. */
export function isAlive(id: ProcessId): boolean {
  if (id.bootId !== bootId()) return false;
  try {
    process.kill(id.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  return startTicks(id.pid) === id.startTicks;
}

function startTicks(pid: number): number | undefined {
  try {
    // The name in parentheses may hold spaces: count from behind it.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
  } catch {
    return undefined;
  }
}

function bootId(): string | undefined {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return undefined;
  }
}
