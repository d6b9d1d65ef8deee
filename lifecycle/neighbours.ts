import type { EngineEvent } from "../swarm/engine-events.ts";
import type { Inventory, InventoryEntry } from "../swarm/inventory.ts";
import { NAMESPACE_LABEL, RUN_LABEL } from "../swarm/run-label.ts";
import { listRuns, type RunState } from "./run-folder.ts";

/** What tells a run from its neighbours. */
export interface Own {
  run: string;
  namespaces: readonly string[];
}

/** Who else uses a node while a run goes on: a neighbour that comes and goes between two looks is known as well. */
export interface Neighbours {
  /** To be told each event of the engine. */
  saw(event: EngineEvent): void;
  /** Names of those who used it since the run began: runs of any home, and namespaces in which something moved. */
  since(before: Inventory, after: Inventory): Promise<string[]>;
}

/** Knows nobody yet. */
export function neighboursOf(own: Own, { startedAt, dockerHost }: RunState): Neighbours {
  const met = new Set<string>();
  return {
    saw({ Actor }) {
      const name = Actor.Attributes[RUN_LABEL] ?? Actor.Attributes[NAMESPACE_LABEL];
      if (name) met.add(name);
    },
    async since(before, after) {
      for (const name of namesBetween(before, after)) met.add(name);
      for (const name of await runsSince(startedAt, dockerHost)) met.add(name);
      return [...met].filter((name) => name !== own.run && !own.namespaces.includes(name)).sort();
    },
  };
}

/** Runs of this home on a node that were not over at a moment: their own processes say so, dead ones nobody. */
export async function runsSince(moment: string, dockerHost: string): Promise<string[]> {
  const runs = await listRuns();
  return runs
    .filter((state) => state.dockerHost === dockerHost && !(state.finishedAt && state.finishedAt < moment))
    .map(({ run }) => run);
}

/** Every run whose label is there at one of two moments, and every namespace that is not the same at both. */
export function namesBetween(before: Inventory, after: Inventory): string[] {
  const ids = [before, after].map(({ entries }) => new Set(entries.map(({ kind, id }) => `${kind}/${id}`)));
  const moved = ({ kind, id }: InventoryEntry) => !ids.every((seen) => seen.has(`${kind}/${id}`));
  return [...before.entries, ...after.entries].flatMap((entry) => {
    if (entry.run) return [entry.run];
    return entry.namespace && moved(entry) ? [entry.namespace] : [];
  });
}
