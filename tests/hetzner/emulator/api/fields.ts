import { isIPv4, isIPv6 } from "node:net";
import { z } from "zod";

/** Fields that several requests have. */
export const name = z.string().min(1, "must not be empty").max(255, "is too long");

/** RFC 1123: what a server is called is its host name. */
export const hostname = z
  .string()
  .regex(
    /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/,
    "must be a valid hostname",
  );

export const id = z.number().int().positive();

/** A name or a number, as one text. */
export const idOrName = z.union([z.string().min(1), z.number().int()]).transform(String);

export const ipv4 = z.string().refine(isIPv4, "is not an IPv4 address");
export const ip = z.string().refine((text) => isIPv4(text) || isIPv6(text), "is not an IP address");

/**
 * What was taken away on 2026-07-01: a request that still has it is out of date. (The API itself may pass over it.)
 */
export const goneDatacenter = z.undefined({ error: "was removed on 2026-07-01: use location" }).optional();

export const deleteProtection = z.object({ delete: z.boolean() });
