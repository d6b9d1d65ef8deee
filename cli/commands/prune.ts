import { Command } from "commander";
import { bytes } from "../../lib/bytes.ts";
import { describe } from "../../lib/errors.ts";
import { stores } from "../../lifecycle/prune/prune.ts";
import type { Spare, Store } from "../../lifecycle/prune/store.ts";
import { nodeStatus } from "../../machine/node.ts";
import { LOCAL_STACK } from "../../nodes/local-stack.ts";
import { connect, type Swarm } from "../../swarm/client.ts";
import { EXIT } from "../exit.ts";

/** What became of one store. */
interface Pruned {
  name: string;
  bytes?: number;
  bound: string;
  held?: string;
  removed: Removed[];
}

interface Removed {
  name: string;
  bytes: number;
  error?: string;
}

/** `recipe-ci prune`: takes away what no node and no run needs. */
export function pruneCommand(): Command {
  return new Command("prune")
    .description("take away what no node and no run needs: old run folders, caches beyond their bounds, leftovers")
    .option("--dry-run", "only show what would go")
    .option("--json", "as JSON")
    .action(async (options: { dryRun?: boolean; json?: boolean }) => {
      const pruned: Pruned[] = [];
      for (const store of await stores(await localSwarm())) pruned.push(await prune(store, options.dryRun ?? false));
      if (options.json) console.log(JSON.stringify(pruned, null, 2));
      else console.log(pruned.flatMap((one) => lines(one, options.dryRun ?? false)).join("\n"));
      if (pruned.some(({ removed }) => removed.some(({ error }) => error))) process.exitCode = EXIT.infra;
    });
}

/** The local node's engine; undefined when there is none that runs. */
export async function localSwarm(): Promise<Swarm | undefined> {
  const node = await nodeStatus(LOCAL_STACK).catch(() => undefined);
  return node && connect(node.socket);
}

async function prune(store: Store, dryRun: boolean): Promise<Pruned> {
  const { spare, around = (removals) => removals() } = store;
  const nothing = dryRun || spare.length === 0;
  const removed = nothing ? spare.map(asRemoved) : await around(() => removeAll(spare));
  return { name: store.name, bytes: store.bytes, bound: store.bound, held: store.held, removed };
}

async function removeAll(spare: readonly Spare[]): Promise<Removed[]> {
  const removed: Removed[] = [];
  for (const one of spare) {
    const error = await one.remove().then(() => undefined, describe);
    removed.push({ ...asRemoved(one), error });
  }
  return removed;
}

function asRemoved({ name, bytes: size }: Spare): Removed {
  return { name, bytes: size };
}

function lines({ name, bytes: size, bound, held, removed }: Pruned, dryRun: boolean): string[] {
  const verb = dryRun ? "would go" : "gone";
  const amount = removed.length ? `${removed.length} ${verb}` : `nothing to do${held ? `: ${held}` : ""}`;
  return [
    `${name.padEnd(20)} ${(size === undefined ? "-" : bytes(size)).padStart(9)}  (bound: ${bound})  ${amount}`,
    ...removed.map((one) => `  ${one.error ? `left: ${one.error}` : one.name}`),
  ];
}
