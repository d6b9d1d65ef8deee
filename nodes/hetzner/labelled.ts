import { type ApiAccess, ApiRefusal, list } from "./api.ts";

/** Something in a project at Hetzner that bears labels. */
export interface Labelled {
  /** As the API's paths have it: `servers`, `rrsets`. */
  kind: string;
  name: string;
  labels: Readonly<Record<string, string>>;
  /** Since when it is there; undefined where the API does not say, as of record sets. */
  created: Date | undefined;
  /** What deletes it, below the API's address. */
  path: string;
}

/** What can bear labels, in an order in which it can be deleted: servers hold all the others. What costs goes first. */
const KINDS = [
  "servers",
  "load_balancers",
  "volumes",
  "primary_ips",
  "floating_ips",
  "firewalls",
  "placement_groups",
  "networks",
  "certificates",
  "ssh_keys",
] as const;

/** Kinds that {@link labelled} knows, in the order in which they can be deleted. Zones are others': only records are ours. */
export const LABELLED_KINDS: readonly string[] = [...KINDS, "rrsets"];

interface Entry {
  id: number;
  name: string;
  created?: string;
  labels?: Record<string, string>;
}

interface RecordSet {
  name: string;
  type: string;
  labels?: Record<string, string>;
}

/** All of one kind that a label selector picks. A kind that the API does not have has no objects. */
export async function labelled(access: ApiAccess, kind: string, selector: string): Promise<Labelled[]> {
  const query = { label_selector: selector };
  return kind === "rrsets" ? recordSets(access, query) : objects(access, kind, query);
}

/** One of it, as a person calls it: `server ci-1`. */
export function calledBy({ kind, name }: Labelled): string {
  return `${kind.replaceAll("_", " ").replace("rrset", "record set").replace(/s$/, "")} ${name}`;
}

async function objects(access: ApiAccess, kind: string, query: Record<string, string>): Promise<Labelled[]> {
  const found = await orNone(list<Entry>(access, kind, query));
  return found.map(({ id, name, created, labels = {} }) => {
    const since = created === undefined ? undefined : new Date(created);
    return { kind, name, labels, created: since, path: `/${kind}/${id}` };
  });
}

async function recordSets(access: ApiAccess, query: Record<string, string>): Promise<Labelled[]> {
  const found: Labelled[] = [];
  for (const zone of await orNone(list<Entry & { mode?: string }>(access, "zones"))) {
    // Those of a zone that is kept elsewhere can't be asked for.
    if (zone.mode === "secondary") continue;
    for (const { name, type, labels = {} } of await orNone(list<RecordSet>(access, `zones/${zone.id}/rrsets`, query))) {
      const path = `/zones/${zone.id}/rrsets/${encodeURIComponent(name)}/${type}`;
      found.push({ kind: "rrsets", name: `${name}.${zone.name} ${type}`, labels, created: undefined, path });
    }
  }
  return found;
}

async function orNone<T>(listing: Promise<T[]>): Promise<T[]> {
  try {
    return await listing;
  } catch (error) {
    if (error instanceof ApiRefusal && error.status === 404) return [];
    throw error;
  }
}
