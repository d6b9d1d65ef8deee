import type { AppSpec } from "../../compose/app-spec.ts";
import { flatHost } from "../../compose/labels/flat-hosts.ts";
import { httpRoutes } from "../../compose/labels/http-routes.ts";
import type { CheckContext } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import type { ProbeRequest, ProbeResponse } from "../probe.ts";
import { type AppTarget, appUrl, placeOf, publicUrl } from "./app-address.ts";
import { askEntry, type EntryResponse } from "./entry-request.ts";
import { guardOf, isKeptOut } from "./guarded.ts";

/** How an app is asked over HTTP. */
export interface Way {
  /** Where users have what is meant; for what only the app's own networks reach, where those have it. */
  url: URL;
  /** The same for a person: the address that is really asked. */
  shown: string;
  /** Whether requests go as those of users do: from outside, through Traefik, over TLS. */
  open: boolean;
  /** All hosts at which Traefik routes to the app; none where users do not reach what is meant. */
  hosts: readonly string[];
  /** Asks at another path of it, in full. Redirects are not followed. */
  ask(url: URL, request?: Omit<ProbeRequest, "url">): Promise<ProbeResponse | EntryResponse>;
}

/** Every host that a router of the app names. */
function hostsOf(app: AppSpec): string[] {
  return [...new Set(httpRoutes(app).flatMap(({ hosts }) => hosts))];
}

const REDIRECTS = [301, 302, 303, 307, 308];
/**
 * The page that nginx or Apache puts beside a redirect of its own, such as for a folder without its slash. It writes the
 * protocol in which it was asked itself, and knows of no other; what an application redirects to has no such page.
 */
const OF_THE_SERVER = /<center>(?:nginx|openresty)|<p>The document has moved <a href=/;
/** Redirects that one request follows, as browsers do. */
export const MOST_REDIRECTS = 10;

/**
 * The way that users' requests take where Traefik routes to what is meant. Else from inside the app's networks, as
 * Traefik would pass them on: by the app's domain, and with word of TLS. So, too, where a list of addresses of the app's
 * own, or a sign-on that is no part of it, keeps us out.
 */
export function wayTo(context: CheckContext, target: AppTarget): Way {
  const { app, entry, signal } = context;
  const open = entry && publicUrl(app, target);
  if (!entry || !open) return innerWay(context, target);
  const guard = guardOf(app, placeOf(app, target));
  const ask: Way["ask"] = async (url, request) => {
    const answer = await askEntry(entry, { ...request, url: url.href }, signal);
    // Who it is that may come in is its operators' business: what they see is asked behind Traefik.
    return isKeptOut(guard, answer.status) ? innerWay(context, target).ask(url, request) : answer;
  };
  return { url: new URL(open), shown: open, open: true, hosts: hostsOf(app), ask };
}

function innerWay({ app, probe, signal }: CheckContext, target: AppTarget): Way {
  const inner = appUrl(app, target);
  if (!app.domain) {
    const ask: Way["ask"] = (url, request) => probe.http({ ...request, url: url.href }, signal);
    return { url: new URL(inner), shown: inner, open: false, hosts: [], ask };
  }
  const host = app.domain;
  const { origin, pathname, search } = new URL(inner);
  const forwarded = { Host: host, "X-Forwarded-Proto": "https", "X-Forwarded-Host": host, "X-Forwarded-Port": "443" };
  return {
    url: new URL(`https://${host}${pathname}${search}`),
    shown: inner,
    open: false,
    hosts: [],
    ask: (url, request) => {
      const headers = { ...forwarded, ...request?.headers };
      return probe.http({ ...request, url: `${origin}${url.pathname}${url.search}`, headers }, signal);
    },
  };
}

/**
 * Where an answer redirects to; undefined for one that does not. Out of TLS a web server's own leads by way of Traefik's
 * entry point for plain HTTP, which redirects everything to TLS, as users' browsers find.
 *
 * @param hosts further hosts of the app that it may lead to, such as one with `www`. Default: none
 * @throws CheckFailure where that leads out of the app, or an application leads from TLS to plain HTTP
 */
export function redirectOf(
  from: URL,
  { status, headers, body }: ProbeResponse,
  hosts: readonly string[] = [],
): URL | undefined {
  const [location] = headers.location ?? [];
  if (location === undefined || !REDIRECTS.includes(status)) return undefined;
  if (!URL.canParse(location, from.href)) throw new CheckFailure(`${from.pathname} redirects to "${location}", no URL`);
  const to = new URL(location, from);
  // Hosts below the app's own are one label deep in a run, which an app that makes them itself does not know.
  const own = [to.host, ...hosts.map((domain) => flatHost(to.host, domain))].find((host) => hosts.includes(host));
  if (own !== undefined) to.host = own;
  else if (to.host !== from.host)
    throw new CheckFailure(`${from.pathname} redirects to ${to.host}, and the app is at ${from.host}`);
  if (from.protocol === "https:" && to.protocol === "http:" && OF_THE_SERVER.test(body)) to.protocol = "https:";
  if (to.protocol !== from.protocol)
    throw new CheckFailure(
      `${from.pathname} redirects to ${to.origin}: the app does not see that it was asked over TLS (X-Forwarded-Proto)`,
    );
  return to;
}
