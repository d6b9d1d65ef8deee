import { readdir } from "node:fs/promises";
import type { Duration } from "./duration.ts";
import { isAlive, type ProcessIdentity } from "./process-identity.ts";
import { until } from "./until.ts";

/** Pids of all processes of this host. Empty where there is no /proc. */
export async function allPids(): Promise<number[]> {
  const names = await readdir("/proc").catch(() => []);
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}

/** Waits until a process is no more. @throws DeadlineError */
export async function waitGone(identity: ProcessIdentity, deadline: Duration): Promise<void> {
  await until(
    async () =>
      isAlive(identity) ? { done: false, reason: `pid ${identity.pid} runs` } : { done: true, value: undefined },
    { what: `pid ${identity.pid} ended`, deadline, every: "20 ms" },
  );
}
