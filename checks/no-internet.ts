import type { ConvergeCause } from "../swarm/converge/converge-error.ts";
import { UNKNOWN_NAME } from "../swarm/converge/unknown-name.ts";
import type { CheckContext } from "./check.ts";
import { nameNear, saidBy, type Trouble } from "./trouble.ts";

/** A name that every name server of the internet knows (RFC 6761, section 6.5). */
const KNOWN_TO_ALL = "example.com";
/** A name with at least one dot, whose last part is a word, as those of the internet are. */
const PUBLIC_NAME = "\\b(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}\\b";
/** What no name server of the internet has: names of one's own net, of examples, and of files. */
const NOBODYS =
  /(^|\.)(internal|local|lan|home|corp|intranet|docker|localhost|localdomain|test|invalid|example(\.(com|org|net))?)$|\.(js|ts|py|rb|go|java|sh|php|c|cc|rs|conf|ya?ml|json)$/i;

/**
 * A service that ended, as its last words say, because it found a name of the internet's nowhere, on a node that finds
 * none at all. Undefined where it asked for something else, or the node does find such names.
 */
export async function withoutInternet(
  cause: ConvergeCause,
  { app, probe, signal }: Pick<CheckContext, "app" | "signal"> & Partial<Pick<CheckContext, "probe">>,
): Promise<Trouble | undefined> {
  const asked = publicName(cause);
  const service = app.services.find(({ name }) => name === cause.service);
  const isOut = service?.networks.some(({ key }) => !app.networks.find((one) => one.key === key)?.internal);
  if (asked === undefined || !isOut || !probe) return undefined;
  const { error } = await probe.http({ url: `http://${KNOWN_TO_ALL}/`, method: "HEAD" }, signal).catch(() => ({
    error: undefined,
  }));
  if (!/resolve/i.test(error ?? "")) return undefined;
  return {
    owner: "infra",
    said: `${cause.service} asks for ${asked}, and containers of this node find no name of the internet, not even ${KNOWN_TO_ALL}\n  remedy: give the node a name server and a way out, or the app what it fetches by its image`,
  };
}

/** A name of the internet's near the words of a cause that say that nobody knows it. */
export function publicName(cause: ConvergeCause): string | undefined {
  const name = nameNear(saidBy(cause), UNKNOWN_NAME, PUBLIC_NAME);
  return name === undefined || NOBODYS.test(name) ? undefined : name;
}
