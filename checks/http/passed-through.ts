import { checkServerIdentity, type PeerCertificate } from "node:tls";
import type { AppSpec } from "../../compose/app-spec.ts";
import { httpRoutes, tcpRoutes } from "../../compose/labels/http-routes.ts";
import { messageOf } from "../../lib/errors.ts";
import type { Attempt, UntilOptions } from "../../lib/until.ts";
import type { CheckContext } from "../check.ts";
import { waitFor } from "../wait-for.ts";
import { certificateAt, type ShownCertificate } from "./entry-request.ts";

/** A name for which an app shows a certificate of its own, and the router by which it does. */
export interface PassedThrough {
  router: string;
  host: string;
}

/**
 * Names below the base domain whose TLS Traefik passes on to the app, at the entry point of its users. For one that an
 * HTTP router has as well Traefik shows its own certificate (tried with 3.6.15).
 */
export function passedThrough(app: AppSpec, baseDomain: string): PassedThrough[] {
  const own = new Set(httpRoutes(app).flatMap(({ hosts }) => hosts));
  const routes = tcpRoutes(app).filter(
    ({ passthrough, entryPoints }) => passthrough && entryPoints?.includes("web-secure") !== false,
  );
  return routes.flatMap(({ router, hosts }) =>
    hosts.filter((host) => host.endsWith(`.${baseDomain}`) && !own.has(host)).map((host) => ({ router, host })),
  );
}

/**
 * The certificate that an app shows itself is for the name that it is asked for. Who signed it is not looked at: what an
 * app has from ACME in production it can't have in a run.
 *
 * @throws CheckFailure with what is shown
 */
export async function showsOwnName(
  { entry, signal }: CheckContext,
  { router, host }: PassedThrough,
  wait: Omit<UntilOptions, "what">,
): Promise<void> {
  if (!entry) return;
  const look = async (): Promise<Attempt<undefined>> => {
    try {
      const shown = await certificateAt(entry, host, signal);
      if (isFor(host, shown)) return { done: true, value: undefined };
      return { done: false, reason: `it is of ${shown.subject}${shown.names ? `, for ${shown.names}` : ""}` };
    } catch (error) {
      signal.throwIfAborted();
      return { done: false, reason: messageOf(error) };
    }
  };
  const why = `TCP router ${router} passes TLS for ${host} on to the app, which has no certificate for that name`;
  await waitFor(look, { what: `the certificate of ${host}`, ...wait }, why);
}

/** Whether a certificate holds for a name, as clients judge it. */
export function isFor(host: string, { subject, names }: Pick<ShownCertificate, "subject" | "names">): boolean {
  const all = names ? names.split(", ").map((name) => (name.includes(":") ? name : `DNS:${name}`)) : [];
  const certificate = { subject: { CN: subject }, subjectaltname: all.join(", ") } as PeerCertificate;
  return checkServerIdentity(host, certificate) === undefined;
}
