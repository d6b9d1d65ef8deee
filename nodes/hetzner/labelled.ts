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
  /** Whether Hetzner was told to refuse that. */
  protected: boolean;
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
  protection?: { delete?: boolean };
}

interface RecordSet {
  name: string;
  type: string;
  labels?: Record<string, string>;
  protection?: { change?: boolean };
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
  return found.map(({ id, name, created, labels = {}, protection }) => {
    const since = created === undefined ? undefined : new Date(created);
    const isProtected = protection?.delete ?? false;
    return { kind, name, labels, created: since, path: `/${kind}/${id}`, protected: isProtected };
  });
}

async function recordSets(access: ApiAccess, query: Record<string, string>): Promise<Labelled[]> {
  const found: Labelled[] = [];
  for (const zone of await orNone(list<Entry & { mode?: string }>(access, "zones"))) {
    // Those of a zone that is kept elsewhere can't be asked for.
    if (zone.mode === "secondary") continue;
    const sets = await orNone(list<RecordSet>(access, `zones/${zone.id}/rrsets`, query));
    for (const { name, type, labels = {}, protection } of sets) {
      const path = `/zones/${zone.id}/rrsets/${encodeURIComponent(name)}/${type}`;
      const isProtected = protection?.change ?? false;
      const called = `${name}.${zone.name} ${type}`;
      found.push({ kind: "rrsets", name: called, labels, created: undefined, path, protected: isProtected });
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
