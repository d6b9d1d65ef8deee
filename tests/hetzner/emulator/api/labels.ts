import { z } from "zod";

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const PREFIX = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;
const RESERVED = "hetzner.cloud";

export type Labels = Readonly<Record<string, string>>;

/** Whether a key may be one: up to 63 characters, with a prefix such as `example.org/` that is not Hetzner's own. */
export function isLabelKey(key: string): boolean {
  const slash = key.indexOf("/");
  const prefix = slash === -1 ? undefined : key.slice(0, slash);
  if (prefix !== undefined && (!PREFIX.test(prefix) || prefix === RESERVED)) return false;
  return NAME.test(key.slice(slash + 1));
}

/** Whether a value may be one: empty, or up to 63 characters, alphanumeric at both ends. No colon, so no plain time. */
export function isLabelValue(value: string): boolean {
  return value === "" || NAME.test(value);
}

/** Labels in a request. */
export const labels = z
  .record(z.string(), z.string())
  .refine((all) => Object.keys(all).every(isLabelKey), "label keys are not valid")
  .refine((all) => Object.values(all).every(isLabelValue), "label values are not valid");
