import { describe } from "../lib/errors.ts";
import { withLock } from "../lib/lock.ts";
import { endOrphanedPlugins } from "../lib/orphaned-plugins.ts";
import { isAlive } from "../lib/process-identity.ts";
import type { Pulumi } from "../pulumi/locate.ts";
import { connect } from "../swarm/client.ts";
import { endPulumiProcesses } from "./pulumi-processes.ts";
import { OutOfTheWay, removeRun } from "./remove-run.ts";
import { listRuns, type RunState, readState, removeWorkFolder, saveState, workFolderExists } from "./run-folder.ts";
import { openStack } from "./stack.ts";

/** Runs that are neither finished nor alive nor kept: their process was killed, or their time to stay is over. */
export async function deadRuns(now = new Date()): Promise<RunState[]> {
  const runs = await listRuns();
  return runs.filter((state) => {
    if (state.finishedAt || isAlive(state.owner)) return false;
    return !state.keepUntil || new Date(state.keepUntil) <= now;
  });
}

/**
 * Finishes what a killed process left: everything with the run's label on the node, then the stack's state.
 * The node comes first: objects there cost and collide, a state without objects does neither.
 *
 * @param dockerHost the node of the next run
 * @param onLine told a line for a person per run
 * @throws InfraError naming what could not be removed from that node
 */
export async function reap(pulumi: Pulumi, dockerHost: string, onLine: (line: string) => void): Promise<void> {
  for (const state of await deadRuns()) {
    try {
      await end(state, pulumi);
      onLine(`removed what run ${state.run} of ${state.recipe} had left`);
    } catch (error) {
      // What is on another node neither collides with the next run nor can be judged from here.
      if (state.dockerHost === dockerHost && !(error instanceof OutOfTheWay)) throw error;
      onLine(`run ${state.run} on ${state.dockerHost} is left as it is: ${describe(error)}`);
    }
  }
}

/** Removes a run from its node and from the state. Of several at once one does it, and the others find it done. */
export async function end(state: RunState, pulumi: Pulumi): Promise<void> {
  await withLock(`the end of run ${state.run}`, async () => {
    const done = !state.finishedAt && (await readState(state.run))?.finishedAt;
    if (!done) await endNow(state, pulumi);
  });
}

async function endNow(state: RunState, pulumi: Pulumi): Promise<void> {
  await endPulumiProcesses(state.run);
  await endOrphanedPlugins();
  await removeRun(connect(state.dockerHost), state);
  if (await workFolderExists(state.run)) {
    const stack = await openStack(state.run, pulumi, false).catch(() => undefined);
    if (stack) {
      // The lock of a killed process never expires.
      await stack.cancel().catch(() => undefined);
      await stack.workspace.removeStack(state.run, { force: true });
    }
    await removeWorkFolder(state.run);
  }
  await saveState({ ...state, finishedAt: new Date().toISOString() });
}
