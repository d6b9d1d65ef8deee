import { alwaysRuns } from "../compose/convert/lasting.ts";
import { bytes } from "../lib/bytes.ts";
import type { CheckContext } from "./check.ts";
import { CheckFailure } from "./check-failure.ts";
import { askInService } from "./exec.ts";

/** Where a container sees the counts of its own control group, the second and the first version of those. */
const COUNTS = ["/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"];

/**
 * Fails where the kernel ended a process of a service for want of memory, and the service went on: a worker behind a
 * server, or one connection of a database's. Whoever was served by it got nothing, or half a page. Asked of those that
 * have a limit and a `cat`; that of the whole container is seen by its task.
 */
export async function assertNoneKilledForMemory(context: CheckContext): Promise<void> {
  for (const { key, name, resources } of context.app.services.filter(alwaysRuns)) {
    const limit = resources?.limits?.memoryBytes;
    if (limit === undefined) continue;
    const counts = await askInService(context, key, ["cat", ...COUNTS]);
    const killed = killsIn(counts?.stdout ?? "");
    if (killed === 0) continue;
    const what = killed === 1 ? "a process" : `${killed} processes`;
    throw new CheckFailure(
      `${name} goes on, and the kernel has ended ${what} of it for want of memory: its limit is ${bytes(limit)} (deploy.resources.limits.memory)`,
    );
  }
}

/** How many processes the kernel has ended, by what it counts (cgroups(7)). */
export function killsIn(counts: string): number {
  return Number(/^oom_kill (\d+)$/m.exec(counts)?.[1] ?? 0);
}
