import { getDomain } from "tldts";
import { z } from "zod";
import { invalidField } from "../api/api-error.ts";
import { deleteProtection } from "../api/fields.ts";
import { labels } from "../api/labels.ts";
import { select } from "../api/listing.ts";
import { type Call, created, del, get, ok, post, put, type Route } from "../api/route.ts";
import { assertUniqueName } from "../store.ts";
import { actionRoutes, list } from "./kind.ts";
import { assertUnprotected } from "./protection.ts";
import { DNS_TTL, rrsetRequest } from "./records.ts";
import { newRrset } from "./rrsets.ts";
import { NAMESERVERS, type RecordSet, type Zone, zoneOf, zoneView } from "./zone.ts";

const SOA = "hydrogen.ns.hetzner.com. dns.hetzner.com. 2026010100 86400 10800 3600000 3600";

const request = z.object({
  name: z
    .string()
    .max(255)
    .refine((name) => getDomain(name) === name, "must be a domain that can be registered"),
  mode: z.enum(["primary", "secondary"]),
  ttl: DNS_TTL.default(3600),
  labels: labels.default({}),
  primary_nameservers: z.array(z.object({ address: z.string(), port: z.number().default(53) })).default([]),
  rrsets: z.array(rrsetRequest).default([]),
});

export const ZONE_ROUTES: readonly Route[] = [
  ...actionRoutes("/zones", "zone", (call) => zoneOf(call).id),
  get("/zones", (call) => {
    const filters = { name: ({ name }: Zone) => name, mode: ({ mode }: Zone) => mode };
    return list(call, "zones", select(call.project.zones.all(), call.query, filters), zoneView);
  }),
  get("/zones/:id", (call) => ok({ zone: zoneView(zoneOf(call)) })),
  put("/zones/:id", (call) => {
    const zone = zoneOf(call);
    zone.labels = call.json(z.object({ labels: labels.optional() })).labels ?? zone.labels;
    return ok({ zone: zoneView(zone) });
  }),
  post("/zones", (call) => {
    const { project, world } = call;
    const { primary_nameservers, rrsets, ...wanted } = call.json(request);
    assertUniqueName(project.zones, wanted.name);
    if (wanted.mode === "secondary" && primary_nameservers.length === 0)
      throw invalidField("primary_nameservers", "are needed in mode secondary");
    const own = { id: world.nextId(), created: world.now(), protection: { delete: false } };
    const zone: Zone = { ...own, ...wanted, primaryNameservers: primary_nameservers, rrsets: [] };
    if (wanted.mode === "primary") zone.rrsets.push(...firstRecords());
    for (const rrset of rrsets) zone.rrsets.push(newRrset(zone, rrset));
    project.zones.add(zone);
    return created({ zone: zoneView(zone), action: start(call, "create_zone", zone) });
  }),
  del("/zones/:id", (call) => {
    const zone = zoneOf(call);
    assertUnprotected(zone, "zone");
    return created({ action: start(call, "delete_zone", zone, () => call.project.zones.remove(zone.id)) });
  }),
  post("/zones/:id/actions/change_protection", (call) => {
    const zone = zoneOf(call);
    const wanted = call.json(deleteProtection);
    const change = () => {
      zone.protection.delete = wanted.delete;
    };
    return created({ action: start(call, "change_protection", zone, change) });
  }),
  post("/zones/:id/actions/change_ttl", (call) => {
    const zone = zoneOf(call);
    const { ttl } = call.json(z.object({ ttl: DNS_TTL }));
    const change = () => {
      zone.ttl = ttl;
    };
    return created({ action: start(call, "change_ttl", zone, change) });
  }),
];

/** A zone is not locked meanwhile: the provider sets protection without waiting for the zone. */
function start({ project }: Call, command: string, { id }: Zone, work?: () => void) {
  return project.actions.start(command, [{ type: "zone", id }], work, { locks: [] });
}

/** What every zone has from its beginning. */
function firstRecords(): RecordSet[] {
  const of = (type: string, values: readonly string[]): RecordSet => ({
    name: "@",
    type,
    ttl: null,
    labels: {},
    protection: { change: false },
    records: values.map((value) => ({ value, comment: "" })),
  });
  return [of("SOA", [SOA]), of("NS", NAMESERVERS)];
}
