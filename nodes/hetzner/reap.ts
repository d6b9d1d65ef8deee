import { describe } from "../../lib/errors.ts";
import type { ApiAccess } from "./api.ts";
import { calledBy, LABELLED_KINDS, type Labelled, labelled } from "./labelled.ts";
import { ID_LABEL, labelTime, MANAGED_BY } from "./labels.ts";
import { type Removal, removeLabelled, selector } from "./remove-labelled.ts";

/** All that one node has at Hetzner, as its labels say: no state is asked. */
export interface Remains {
  /** The node's id, of {@link ID_LABEL}. */
  id: string;
  /** As the label says, which is the stack's name or begins with it. */
  stack: string;
  /** From when on it may be taken away; undefined where no label says so. */
  expiresAt: Date | undefined;
  objects: readonly Labelled[];
}

/** Which nodes are meant. */
export interface Wanted {
  /** Only those whose time is over. Default: also those that have had no server for {@link NO_SERVER_MS}. */
  expired: boolean;
  /** The node with this id, whatever its time, and no other. */
  id?: string;
}

/** What became of one node. */
export interface Reaped extends Remains {
  /** Why it was to go, in words. */
  why: string;
  /** What is there of it afterwards, for people. None with `--dry-run`, which changes nothing. */
  left: readonly string[];
  error?: string;
}

/**
 * What is left of a node without a server after this time is nobody's: `up` makes the server right after the rest, and
 * `destroy` takes away the rest right after the server.
 */
const NO_SERVER_MS = 3_600_000;

/** Nodes of a project, whoever made them, in an order that stays. What has no label of ours is not looked at. */
export async function remainsIn(access: ApiAccess): Promise<Remains[]> {
  const all: Labelled[] = [];
  for (const kind of LABELLED_KINDS) all.push(...(await labelled(access, kind, selector(MANAGED_BY))));
  const byId = new Map<string, Labelled[]>();
  for (const one of all) {
    const id = one.labels[ID_LABEL] ?? "";
    byId.set(id, [...(byId.get(id) ?? []), one]);
  }
  // What says that it is ours but not whose may be made by hand.
  byId.delete("");
  return [...byId].map(([id, objects]) => remainsOf(id, objects)).sort((a, b) => a.id.localeCompare(b.id));
}

/** Why a node is to go; undefined where it stays. Pure. */
export function whyDue({ id, expiresAt, objects }: Remains, wanted: Wanted, now: Date): string | undefined {
  if (wanted.id !== undefined) return id === wanted.id ? "it was named" : undefined;
  if (expiresAt && expiresAt <= now) return `its time was over on ${words(expiresAt)}`;
  if (wanted.expired || objects.some(({ kind }) => kind === "servers")) return undefined;
  const times = objects.flatMap(({ created }) => (created ? [created.getTime()] : []));
  const youngest = Math.max(...times, 0);
  return now.getTime() - youngest >= NO_SERVER_MS ? "it has no server" : undefined;
}

/**
 * Takes away the nodes that are due. One that can't be does not keep the others from it. What came after the start of
 * this is left alone.
 */
export async function reapNodes(
  access: ApiAccess,
  wanted: Wanted,
  { dryRun, ...removal }: Omit<Removal, "notAfter"> & { dryRun: boolean },
): Promise<Reaped[]> {
  const now = new Date();
  const reaped: Reaped[] = [];
  for (const one of await remainsIn(access)) {
    const why = whyDue(one, wanted, now);
    if (why === undefined) continue;
    if (dryRun) reaped.push({ ...one, why, left: [] });
    else reaped.push({ ...one, why, ...(await remove(access, one, { ...removal, notAfter: now })) });
  }
  return reaped;
}

async function remove(access: ApiAccess, { id }: Remains, removal: Removal): Promise<Pick<Reaped, "left" | "error">> {
  const labels = { ...MANAGED_BY, [ID_LABEL]: id };
  const error = await removeLabelled(access, labels, removal).then(() => undefined, describe);
  const left: Labelled[] = [];
  for (const kind of LABELLED_KINDS) left.push(...(await labelled(access, kind, selector(labels))));
  return { left: left.map(calledBy), error };
}

function remainsOf(id: string, objects: readonly Labelled[]): Remains {
  // While `up` prolongs it some say another time than the others: the last one counts, and one that says none is for ever.
  const times = objects.map(
    ({ labels }) => labelTime(labels["expires-at"] ?? "")?.getTime() ?? Number.POSITIVE_INFINITY,
  );
  const last = Math.max(...times);
  const expiresAt = Number.isFinite(last) ? new Date(last) : undefined;
  return { id, stack: objects[0]?.labels.stack ?? "?", expiresAt, objects };
}

function words(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, "Z");
}
