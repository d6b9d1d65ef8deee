import { createHash } from "node:crypto";

/** Swarm's own limit for a service name (swarmkit manager/controlapi/common.go). */
export const SERVICE_NAME_LIMIT = 63;
/** Swarm's own limit for a secret or config name (same place). */
export const SECRET_NAME_LIMIT = 64;

/** The first `length` hex digits of the SHA-256 of the given parts, kept apart by a zero byte. */
export function shortHash(parts: readonly string[], length = 8): string {
  return createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, length);
}

/**
 * `name` when it fits into `limit` characters, else its beginning and a hash of the whole: the same input
 * always gives the same name, and two inputs never share one.
 */
export function boundedName(name: string, limit: number): string {
  if (name.length <= limit) return name;
  const hash = shortHash([name]);
  return `${name.slice(0, limit - hash.length - 1).replace(/[-_.]+$/, "")}-${hash}`;
}
