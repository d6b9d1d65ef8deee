import { describe } from "../../lib/errors.ts";
import type { CheckContext } from "../check.ts";
import { askEntry } from "./entry-request.ts";
import { isNoRouter, nobodysName } from "./no-router.ts";
import { whyUnrouted } from "./unserved.ts";

/**
 * Why an answer is none of the app's: some app of the node takes every name, and the router for this one is off. Only
 * where a name that nobody has is answered Traefik is asked; what can't be told fails nothing.
 *
 * @param host that was asked for
 */
export async function strayAnswer(
  { app, entry, traefik, swarm, signal }: CheckContext,
  host: string,
): Promise<string | undefined> {
  if (!entry || !traefik) return undefined;
  const nobodys = await askEntry(entry, { url: `https://${nobodysName(entry)}/` }, signal);
  if (nobodys.error !== undefined || isNoRouter(nobodys)) return undefined;
  const state = await traefik(swarm).catch(describe);
  const why = typeof state === "string" ? undefined : whyUnrouted({ app, entry, host }, state);
  return why && `another app answered, whose router takes every name: Traefik has no router for ${host}: ${why}`;
}
