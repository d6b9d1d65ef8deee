import { removeStoredAt } from "../checks/backup/stored-objects.ts";
import { describe, InfraError } from "../lib/errors.ts";
import type { Swarm } from "../swarm/client.ts";
import { removeByRun } from "../swarm/remove-by-run.ts";
import type { RunState } from "./run-folder.ts";

/** What is left lies in nobody's way: on a node that is down, or in a store of backups. */
export class OutOfTheWay extends InfraError {}

/**
 * What the guard of a run's stack does at the end, without Pulumi: takes all that bears the run's label off its node,
 * and then its backups out of the store that they were put into.
 *
 * @throws InfraError naming what could not be removed; OutOfTheWay where that disturbs no other run
 */
export async function removeRun(swarm: Swarm, state: Pick<RunState, "run" | "backupStore">): Promise<void> {
  await removeFromNode(swarm, state.run);
  if (state.backupStore) await removeBackups(state.backupStore, state.run);
}

async function removeFromNode(swarm: Swarm, run: string): Promise<void> {
  const { left, reason } = await removeByRun(swarm, run);
  if (left.length === 0) return;
  const names = left.map((entry) => `${entry.kind} ${entry.name}`).join(", ");
  if (left.every(({ kind }) => kind === "node"))
    throw new OutOfTheWay(`what run ${run} has on ${names} can't be removed: ${reason}`);
  throw new InfraError(`run ${run} left ${names}, which can't be removed${reason ? `: ${reason}` : ""}`, {
    remedy: `remove them by hand, then run again`,
  });
}

async function removeBackups(store: string, run: string): Promise<void> {
  try {
    await removeStoredAt(store, run);
  } catch (error) {
    throw new OutOfTheWay(`the backups of run ${run} stay in ${store}: ${describe(error)}`, { cause: error });
  }
}
