import { isProtected, notFound } from "../api/api-error.ts";
import type { Call } from "../api/route.ts";
import type { Kind, Resource } from "./kind.ts";
import type { Protected } from "./protection.ts";
import type { DnsRecord } from "./records.ts";

/** All records of one name and type. */
export interface RecordSet {
  name: string;
  type: string;
  /** Seconds; the zone's where there is none. */
  ttl: number | null;
  labels: Record<string, string>;
  protection: { change: boolean };
  records: DnsRecord[];
}

/** A domain whose records are kept here. */
export interface Zone extends Resource, Protected {
  mode: "primary" | "secondary";
  ttl: number;
  primaryNameservers: unknown[];
  rrsets: RecordSet[];
}

/** The servers that answer for every zone. */
export const NAMESERVERS = ["hydrogen.ns.hetzner.com.", "oxygen.ns.hetzner.com.", "helium.ns.hetzner.de."];

export const ZONE: Kind<Zone> = {
  plural: "zones",
  singular: "zone",
  store: ({ zones }) => zones,
  view: zoneView,
  filters: { mode: ({ mode }) => mode },
};

/** A zone as the API shows it. */
export function zoneView({ rrsets, primaryNameservers, ...zone }: Zone) {
  return {
    ...zone,
    status: "ok",
    record_count: rrsets.reduce((sum, { records }) => sum + records.length, 0),
    authoritative_nameservers: {
      assigned: NAMESERVERS,
      delegated: NAMESERVERS,
      delegation_last_check: zone.created,
      delegation_status: "valid",
    },
    registrar: "other",
    ...(zone.mode === "secondary" ? { primary_nameservers: primaryNameservers } : {}),
  };
}

/** A record set as the API shows it. */
export function rrsetView(rrset: RecordSet, zone: Zone) {
  return { id: `${rrset.name}/${rrset.type}`, ...rrset, zone: zone.id };
}

/** The zone that a path names by its number or its name. @throws ApiError 404 */
export function zoneOf(call: Call): Zone {
  const named = call.param("id");
  const zone = call.project.zones.all().find(({ id, name }) => name === named || String(id) === named);
  if (!zone) throw notFound(`zone ${named}`);
  return zone;
}

/** @throws ApiError 404 */
export function rrsetOf(call: Call, zone: Zone): RecordSet {
  const [name, type] = [call.param("name"), call.param("type")];
  const rrset = findRrset(zone, name, type);
  if (!rrset) throw notFound(`rrset ${name}/${type}`);
  return rrset;
}

export function findRrset(zone: Zone, name: string, type: string): RecordSet | undefined {
  return zone.rrsets.find((one) => one.name === name && one.type === type);
}

/** @throws ApiError 423 */
export function assertChangeable(rrset: RecordSet): void {
  if (rrset.protection.change) throw isProtected(`rrset ${rrset.name}/${rrset.type}`);
}
