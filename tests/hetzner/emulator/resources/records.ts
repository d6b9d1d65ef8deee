import { isIPv4, isIPv6 } from "node:net";
import { z } from "zod";
import { labels } from "../api/labels.ts";

/** Types of records that a zone may hold. */
const RECORD_TYPES: readonly string[] = [
  ...[
    "A",
    "AAAA",
    "CAA",
    "CNAME",
    "DS",
    "HINFO",
    "HTTPS",
    "MX",
    "NS",
    "PTR",
    "RP",
    "SOA",
    "SRV",
    "SVCB",
    "TLSA",
    "TXT",
  ],
];

export const DNS_TTL = z.number().int().min(60).max(2_147_483_647);

/** One value of a record set. */
export interface DnsRecord {
  value: string;
  comment: string;
}

const record = z.object({ value: z.string().min(1), comment: z.string().max(255).default("") });

export const records = z
  .array(record)
  .min(1, "must not be empty")
  .refine((all) => new Set(all.map(({ value }) => value)).size === all.length, "holds a value twice");

/** A name below the zone: `@`, `*`, `www` or `*.apps`. Never with the zone's own name or a dot at its end. */
const rrsetName = z
  .string()
  .regex(/^(?:@|\*|(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*)$/, {
    error: "must be lower case and relative to the zone",
  });

/** What is in a record set, as far as a request says. */
export const rrsetRequest = z.object({
  name: rrsetName,
  type: z.string().refine((type) => RECORD_TYPES.includes(type), "is not a type of records"),
  ttl: DNS_TTL.nullish(),
  records,
  labels: labels.default({}),
});

const VALUE: Readonly<Record<string, (value: string) => boolean>> = {
  A: isIPv4,
  AAAA: isIPv6,
  TXT: (value) => /^"(?:[^"\\]|\\.)*"(?: "(?:[^"\\]|\\.)*")*$/.test(value),
  CNAME: (value) => /^[a-z0-9_.@-]+$/i.test(value),
  MX: (value) => /^\d+ \S+$/.test(value),
};

/** What is wrong with the values of a record set of one type; nothing for types that are not looked into. */
export function faultOf(type: string, values: readonly DnsRecord[]): string | undefined {
  const isRight = VALUE[type];
  const wrong = isRight && values.find(({ value }) => !isRight(value));
  if (wrong) return `${wrong.value} is not a value of ${type}`;
  if (type === "CNAME" && values.length > 1) return "a CNAME has one value";
  return undefined;
}
