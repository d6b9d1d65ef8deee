import { systemClock } from "../lib/clock.ts";
import { milliseconds } from "../lib/duration.ts";
import type { Swarm } from "../swarm/client.ts";
import { type Inventory, type InventoryEntry, inventory } from "../swarm/inventory.ts";
import type { LedgerEntry, LedgerResult } from "./result.ts";
import { workFolder, workFolderExists } from "./run-folder.ts";

/** The node's objects at one moment. */
export type Snapshot = Inventory;

/** What belongs to a run: how its objects are told from others'. */
export interface Ownership {
  run: string;
  namespace: string;
  /** Others use the node too: objects without any label may be theirs, and theirs come and go. */
  shared: boolean;
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
    const result = compare(await inventory(swarm), before, owner);
    const folder = { kind: "folder" as const, id: owner.run, name: workFolder(owner.run) };
    if (await workFolderExists(owner.run)) result.left.push(folder);
    if (result.left.length === 0 || systemClock.now() >= deadline) return result;
    await systemClock.sleep(150);
  }
}

/** One line that names every survivor. */
export function describeSurvivors(left: LedgerEntry[]): string {
  return left.map((entry) => `${entry.kind} ${entry.name} (${entry.id.slice(0, 12)})`).join(", ");
}

/** What of the run is on the node after it, and what of others is not any more. */
export function compare(after: Snapshot, before: Snapshot, owner: Ownership): LedgerResult {
  const known = new Set(before.entries.map(key));
  const left = after.entries.filter((entry) => isOurs(entry, owner, known)).map(asLedgerEntry);
  const present = new Set(after.entries.map(key));
  const lost = owner.shared ? [] : before.entries.filter((entry) => !present.has(key(entry)) && isLasting(entry));
  return { before: count(before), after: count(after), left, lost: lost.map(asLedgerEntry) };
}

function isOurs(entry: InventoryEntry, owner: Ownership, known: Set<string>): boolean {
  if (entry.run === owner.run || entry.namespace === owner.namespace) return true;
  if (entry.run || entry.namespace || owner.shared) return false;
  // Nobody's: appeared during the run without any label, e.g. an anonymous volume of an image.
  return !known.has(key(entry)) && entry.name !== "docker_gwbridge" && entry.name !== "ingress";
}

// Tasks and containers of neighbours come and go by themselves; what holds data or state does not.
function isLasting(entry: InventoryEntry): boolean {
  return entry.kind !== "task" && entry.kind !== "container";
}

function key(entry: InventoryEntry): string {
  return `${entry.kind}/${entry.id}`;
}

function asLedgerEntry({ kind, id, name }: InventoryEntry): LedgerEntry {
  return { kind, id, name };
}

function count(snapshot: Snapshot): LedgerResult["before"] {
  const counts: LedgerResult["before"] = {};
  for (const entry of snapshot.entries) counts[entry.kind] = (counts[entry.kind] ?? 0) + 1;
  return counts;
}
