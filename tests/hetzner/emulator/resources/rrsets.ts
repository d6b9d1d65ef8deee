import { z } from "zod";
import { ApiError, invalidField, notUnique, refused } from "../api/api-error.ts";
import { labels } from "../api/labels.ts";
import { select } from "../api/listing.ts";
import { type Answer, type Call, created, del, get, ok, post, put, type Route } from "../api/route.ts";
import { list } from "./kind.ts";
import { DNS_TTL, type DnsRecord, faultOf, records, rrsetRequest } from "./records.ts";
import { assertChangeable, findRrset, type RecordSet, rrsetOf, rrsetView, type Zone, zoneOf } from "./zone.ts";

const PATH = "/zones/:id/rrsets";
const ONE = `${PATH}/:name/:type`;
const withRecords = z.object({ records });
const withComments = z.object({
  records: z.array(z.object({ value: z.string(), comment: z.string() })).min(1, "must not be empty"),
});

export const RRSET_ROUTES: readonly Route[] = [
  get(PATH, (call) => {
    const zone = primaryZone(call);
    const rrsets = zone.rrsets.map((rrset) => rrsetView(rrset, zone));
    type View = (typeof rrsets)[number];
    const filters = { name: ({ name }: View) => name, type: ({ type }: View) => type };
    return list(call, "rrsets", select(rrsets, call.query, filters), (one) => one);
  }),
  get(ONE, (call) => {
    const zone = primaryZone(call);
    return ok({ rrset: rrsetView(rrsetOf(call, zone), zone) });
  }),
  put(ONE, (call) => {
    const zone = primaryZone(call);
    const rrset = rrsetOf(call, zone);
    rrset.labels = call.json(z.object({ labels: labels.optional() })).labels ?? rrset.labels;
    return ok({ rrset: rrsetView(rrset, zone) });
  }),
  post(PATH, (call) => {
    const zone = primaryZone(call);
    const rrset = newRrset(zone, call.json(rrsetRequest));
    zone.rrsets.push(rrset);
    return created({ rrset: rrsetView(rrset, zone), action: start(call, "create_rrset", zone) });
  }),
  del(ONE, (call) => {
    const zone = primaryZone(call);
    const rrset = rrsetOf(call, zone);
    assertChangeable(rrset);
    return created({ action: start(call, "delete_rrset", zone, () => remove(zone, rrset)) });
  }),
  post(`${ONE}/actions/change_protection`, (call) => {
    const zone = primaryZone(call);
    const rrset = rrsetOf(call, zone);
    const wanted = call.json(z.object({ change: z.boolean() }));
    const change = () => {
      rrset.protection = wanted;
    };
    return created({ action: start(call, "change_rrset_protection", zone, change) });
  }),
  post(`${ONE}/actions/change_ttl`, (call) => {
    const { ttl } = call.json(z.object({ ttl: DNS_TTL.nullable() }));
    return changed(call, "change_rrset_ttl", (rrset) => {
      rrset.ttl = ttl;
    });
  }),
  post(`${ONE}/actions/set_records`, (call) => {
    const wanted = call.json(withRecords).records;
    return changed(call, "set_rrset_records", (rrset) => setRecords(rrset, wanted));
  }),
  post(`${ONE}/actions/add_records`, addRecords),
  post(`${ONE}/actions/remove_records`, (call) => {
    const gone = call.json(withRecords).records.map(({ value }) => value);
    return changed(call, "remove_rrset_records", (rrset, zone) => {
      rrset.records = rrset.records.filter(({ value }) => !gone.includes(value));
      // A set without records is none.
      if (rrset.records.length === 0) remove(zone, rrset);
    });
  }),
  post(`${ONE}/actions/update_records`, (call) => {
    const wanted = call.json(withComments).records;
    const answer = changed(call, "update_rrset_records", (rrset) => {
      for (const record of rrset.records)
        record.comment = wanted.find(({ value }) => value === record.value)?.comment ?? record.comment;
    });
    // Unlike all other actions.
    return { ...answer, status: 200 };
  }),
];

/** A record set that a zone does not have yet. @throws ApiError 409, 422 */
export function newRrset(zone: Zone, wanted: z.output<typeof rrsetRequest>): RecordSet {
  if (findRrset(zone, wanted.name, wanted.type)) throw notUnique("name, type");
  const rrset: RecordSet = { ...wanted, ttl: wanted.ttl ?? null, protection: { change: false }, records: [] };
  setRecords(rrset, wanted.records);
  return rrset;
}

/** Adds to the set, or makes it. */
function addRecords(call: Call): Answer {
  const zone = primaryZone(call);
  const wanted = call.json(withRecords.extend({ ttl: DNS_TTL.nullish() }));
  const rrset = findRrset(zone, call.param("name"), call.param("type"));
  if (!rrset) {
    const request = rrsetRequest.safeParse({ ...wanted, name: call.param("name"), type: call.param("type") });
    if (!request.success) throw invalidField("name", "is not a name and type of records");
    zone.rrsets.push(newRrset(zone, request.data));
    return created({ action: start(call, "add_rrset_records", zone) });
  }
  if (wanted.ttl !== undefined && wanted.ttl !== rrset.ttl)
    throw new ApiError(409, "conflict", "the set has another ttl");
  return changed(call, "add_rrset_records", () => setRecords(rrset, [...rrset.records, ...wanted.records]));
}

/** Changes a record set at once, so that what can't be is refused; the action tells when the world knows. */
function changed(call: Call, command: string, change: (rrset: RecordSet, zone: Zone) => void): Answer {
  const zone = primaryZone(call);
  const rrset = rrsetOf(call, zone);
  assertChangeable(rrset);
  const action = start(call, command, zone);
  change(rrset, zone);
  return created({ action });
}

function setRecords(rrset: RecordSet, wanted: DnsRecord[]): void {
  const fault = faultOf(rrset.type, wanted);
  if (fault) throw invalidField("records", fault);
  if (new Set(wanted.map(({ value }) => value)).size < wanted.length)
    throw invalidField("records", "hold a value twice");
  rrset.records = wanted;
}

function remove(zone: Zone, rrset: RecordSet): void {
  zone.rrsets = zone.rrsets.filter((one) => one !== rrset);
}

function primaryZone(call: Call): Zone {
  const zone = zoneOf(call);
  if (zone.mode !== "primary") throw refused("incorrect_zone_mode", `zone ${zone.name} is not a primary one`);
  return zone;
}

/** Many may be on their way in one zone. */
function start({ project }: Call, command: string, { id }: Zone, work?: () => void) {
  return project.actions.start(command, [{ type: "zone", id }], work, { locks: [] });
}
