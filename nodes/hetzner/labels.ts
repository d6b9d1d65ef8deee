import { shortHash } from "../../lib/names.ts";

/** Characters of a label's value at Hetzner: letters, digits, `.`, `_` and `-`, with a letter or digit at both ends. */
const LIMIT = 63;

/** What everything that is ours bears. */
export const MANAGED_BY = { "managed-by": "recipe-ci" };

/**
 * Label that tells a node from every other one: two stacks may have one name, in checkouts that know nothing of each
 * other.
 */
export const ID_LABEL = "node";

/** Labels of all that one stack has at Hetzner; `expiresAt`: from when on the reaper may take it away. */
export function nodeLabels(stack: string, expiresAt?: Date): Record<string, string> {
  const expiry = expiresAt && { "expires-at": timeLabel(expiresAt) };
  return { ...MANAGED_BY, stack: stackLabel(stack), ...expiry };
}

/** The stack's name, or what it begins with and a hash of it: two stacks never share a label. */
function stackLabel(stack: string): string {
  const isValue = stack.length <= LIMIT && /[A-Za-z0-9]$/.test(stack);
  if (isValue) return stack;
  const hash = shortHash([stack]);
  return `${stack.slice(0, LIMIT - hash.length - 1).replace(/[._-]+$/, "")}-${hash}`;
}

/** A time as a label may have it, without colons: `2026-11-27T10.00.00Z`. */
export function timeLabel(time: Date): string {
  return time
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replaceAll(":", ".");
}

/** The time in a label of {@link timeLabel}; undefined where it is none. */
export function labelTime(label: string): Date | undefined {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d)\.(\d\d)\.(\d\d)Z$/.exec(label);
  const time = match ? new Date(`${match[1]}T${match[2]}:${match[3]}:${match[4]}Z`) : undefined;
  return time && !Number.isNaN(time.getTime()) ? time : undefined;
}
