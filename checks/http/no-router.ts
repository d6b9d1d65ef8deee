import type { Entry } from "../../swarm/entry/find.ts";
import type { EntryResponse } from "./entry-request.ts";

/** What Traefik says where none of its routers takes a request. */
const NO_ROUTER = "404 page not found\n";

/** Whether Traefik itself says that none of its routers takes a request. */
export function isNoRouter({ status, body }: EntryResponse): boolean {
  return status === 404 && body === NO_ROUTER;
}

/** A name below the node's base domain that no app has. */
export function nobodysName({ baseDomain }: Pick<Entry, "baseDomain">): string {
  return `recipe-ci.${baseDomain}`;
}
