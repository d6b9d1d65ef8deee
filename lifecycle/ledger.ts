import { systemClock } from "../lib/clock.ts";
import { milliseconds } from "../lib/duration.ts";
import { some } from "../lib/plural.ts";
import type { Swarm } from "../swarm/client.ts";
import { type Inventory, type InventoryEntry, inventory } from "../swarm/inventory.ts";
import type { LedgerEntry, LedgerResult } from "./result.ts";
import { workFolder, workFolderExists } from "./run-folder.ts";

/** The nodes' objects at one moment. */
export type Snapshot = Inventory;

/** What belongs to a run: how its objects are told from others'. */
export interface Ownership {
  run: string;
  namespaces: readonly string[];
  /** Id of the node of the Swarm that it had; undefined in a Swarm of one. */
  place?: string;
  /** Who else used the node between two moments: runs, and namespaces. Asked again at each look. */
  others: (before: Snapshot, after: Snapshot) => Promise<readonly string[]>;
}

export async function takeSnapshot(swarm: Swarm): Promise<Snapshot> {
  return inventory(swarm);
}

/**
 * Compares the node before a run and after its teardown. Deletion settles for a moment (tasks end, volumes are
 * released), so it looks again until nothing is left or the deadline has passed.
 */
export async function settleLedger(swarm: Swarm, before: Snapshot, owner: Ownership): Promise<LedgerResult> {
  const deadline = systemClock.now() + milliseconds("20 s");
  for (;;) {
    const after = await inventory(swarm);
    const result = compare(after, before, { ...owner, others: await owner.others(before, after) });
    const folder = { kind: "folder" as const, id: owner.run, name: workFolder(owner.run) };
    if (await workFolderExists(owner.run)) result.left.push(folder);
    if (result.left.length === 0 || systemClock.now() >= deadline) return result;
    await systemClock.sleep(150);
  }
}

/** One line that names every survivor. */
export function describeSurvivors(left: LedgerEntry[]): string {
  return left.map(described).join(", ");
}

function described({ kind, name, id, node }: LedgerEntry): string {
  return `${kind} ${name} (${id.slice(0, 12)})${node ? ` on ${node}` : ""}`;
}

/**
 * What of the run is on the node after it, and what of others is not any more. What bears the label of another run or
 * namespace is its own: neither left nor lost of this one, whenever it came or went. What bears no label can only be
 * judged where nobody else used the node, and on nodes that were looked at both times: one that joined the Swarm
 * meanwhile, or left it, has brought or taken along what it has.
 */
export function compare(after: Snapshot, before: Snapshot, owner: Known): LedgerResult {
  const known = new Set(before.entries.map(key));
  const present = new Set(after.entries.map(key));
  const alone = owner.others.length === 0;
  const came = after.entries.filter((entry) => !known.has(key(entry)) && !known.has(`service/${entry.serviceId}`));
  const unseen = after.unseen ?? [];
  const blind = [...unseen, ...(before.unseen ?? [])].map(({ name }) => name);
  const changed = [...notIn(after, before), ...notIn(before, after)].filter((name) => !blind.includes(name));
  const unjudged = new Set([...blind, ...changed]);
  const away = ({ node }: InventoryEntry) => node !== undefined && unjudged.has(node);
  const went = before.entries.filter((entry) => !present.has(key(entry)) && isLasting(entry) && !away(entry));
  const left = [
    ...after.entries.filter((entry) => isOf(owner, entry)),
    ...(alone ? came.filter((entry) => isNobodys(entry) && !away(entry)) : []),
    ...unseen.filter(({ id }) => id === owner.place).map(({ id, name }) => ({ kind: "node" as const, id, name })),
  ];
  const lost = alone ? went.filter(isNobodys) : [];
  const taken = went.filter(({ run, namespace }) => run || namespace);
  return {
    before: count(before),
    after: count(after),
    left: left.map(asLedgerEntry),
    lost: lost.map(asLedgerEntry),
    notJudged: nonEmpty([
      ...(alone ? [] : [`what bears no label, since ${some(owner.others)} used the node meanwhile`]),
      ...(blind.length ? [`what is on ${nodes(blind)}, whose engine can't be asked`] : []),
      ...(changed.length ? [`what is on ${nodes(changed)}, which came or went meanwhile`] : []),
      ...(taken.length ? [`${some(taken.map(ofWhom))}: gone, but another's own`] : []),
    ]),
  };
}

/** What a check saw, and what it could not judge. */
export function withNotJudged(summary: string, { notJudged }: LedgerResult): string {
  return notJudged ? `${summary}; not judged: ${notJudged.join("; ")}` : summary;
}

/** An ownership once it is known who the others are. */
export type Known = Omit<Ownership, "others"> & { others: readonly string[] };

/** Host names of nodes of the Swarm that one look found and another did not. One that was made anew is another node. */
function notIn(one: Snapshot, other: Snapshot): string[] {
  const known = new Set([...(other.others ?? []), ...(other.unseen ?? [])].map(({ id }) => id));
  return (one.others ?? []).filter(({ id }) => !known.has(id)).map(({ name }) => name);
}

function isOf(owner: Known, entry: InventoryEntry): boolean {
  if (entry.run) return entry.run === owner.run;
  return entry.namespace !== undefined && owner.namespaces.includes(entry.namespace);
}

/** Networks that every engine has, and makes anew when it restarts. */
const PREDEFINED = new Set(["bridge", "host", "none", "ingress", "docker_gwbridge"]);

function isNobodys({ kind, name, run, namespace, platform }: InventoryEntry): boolean {
  return !run && !namespace && !platform && !(kind === "network" && PREDEFINED.has(name));
}

function ofWhom({ kind, name, run, namespace }: InventoryEntry): string {
  return `${kind} ${name} of ${run ?? namespace}`;
}

function nonEmpty<T>(list: T[]): T[] | undefined {
  return list.length > 0 ? list : undefined;
}

/** Each once. */
function nodes(names: readonly string[]): string {
  return some([...new Set(names)].map((name) => `node ${name}`));
}

// Tasks and containers of neighbours come and go by themselves; what holds data or state does not.
function isLasting(entry: InventoryEntry): boolean {
  return entry.kind !== "task" && entry.kind !== "container";
}

function key({ kind, id, node }: InventoryEntry): string {
  // Two nodes may each have a volume of one name; a network of the Swarm is shown by some node or other.
  return kind === "volume" && node ? `${kind}/${id}@${node}` : `${kind}/${id}`;
}

function asLedgerEntry({ kind, id, name, node }: InventoryEntry): LedgerEntry {
  return { kind, id, name, node };
}

function count(snapshot: Snapshot): LedgerResult["before"] {
  const counts: LedgerResult["before"] = {};
  for (const entry of snapshot.entries) counts[entry.kind] = (counts[entry.kind] ?? 0) + 1;
  return counts;
}
