import type { AppSpec } from "../../compose/app-spec.ts";
import { type HttpRoute, httpRoutes, mainRoute, type Route, tcpRoutes } from "../../compose/labels/http-routes.ts";
import type { Duration } from "../../lib/duration.ts";
import { describe } from "../../lib/errors.ts";
import { plural } from "../../lib/plural.ts";
import { type Attempt, DeadlineError, type UntilOptions, until } from "../../lib/until.ts";
import type { CheckContext, CheckFunction, Evidence } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import { waitFor } from "../wait-for.ts";
import { type AppTarget, placeOf } from "./app-address.ts";
import { type BalancerHealth, isKept } from "./balancer-health.ts";
import { askEntry, type EntryResponse } from "./entry-request.ts";
import { explained } from "./http.ts";
import { passedThrough, showsOwnName } from "./passed-through.ts";
import { accepts } from "./tcp-routes.ts";
import { isGateways, passedOver } from "./unserved.ts";

/** Parts of a rule that say more of a request than where it goes to, or leave that open. */
const MORE = /!|\b(?:Headers?|HeaderRegexp|HeadersRegexp|HostRegexp|PathRegexp|Query|QueryRegexp|Method|ClientIP)\(/;

/**
 * Routers of an app by which nothing is asked already.
 * @param asked what other checks ask over HTTP
 */
export function otherRoutes(app: AppSpec, asked: readonly AppTarget[]): HttpRoute[] {
  const routes = httpRoutes(app);
  const [main, known] = [mainRoute(app), asked.map((target) => placeOf(app, target))];
  const used = known.map(({ key, port }) => {
    return [...(main ? [main] : []), ...routes].find((route) => route.service === key && route.port === port)?.router;
  });
  return routes.filter(({ router }) => !used.includes(router));
}

/** Routers to be looked at. */
export interface Others {
  http: readonly HttpRoute[];
  tcp: readonly Route[];
  /** What Traefik asks of servers by itself. */
  health: readonly BalancerHealth[];
}

/** The URL at which users have what a router leads to; undefined where its rule, or the platform, leaves that open. */
export function urlOf({ rule, hosts, path, entryPoints }: HttpRoute, baseDomain: string): string | undefined {
  const host = hosts.find((one) => one.endsWith(`.${baseDomain}`));
  if (host === undefined || MORE.test(rule) || entryPoints?.includes("web-secure") === false) return undefined;
  return `https://${host}${path}`;
}

/**
 * Behind every other router of an app there is a server, and Traefik takes all of its routers. What that server answers
 * is its own business: an interface for programs need have nothing at `/`.
 *
 * @param of what {@link otherRoutes} finds, and its like for TCP
 * @throws CheckFailure with what Traefik knows of the first that leads nowhere
 */
export function routesServe({ http, tcp, health }: Others, within: Duration = "30 s"): CheckFunction {
  return async (context) => {
    const { entry, signal, clock } = context;
    const wait = { deadline: within, owner: "recipe", signal, clock } as const;
    for (const route of tcp) await accepts(context, route, wait);
    for (const one of health) await isKept(context, one, wait);
    if (!entry) return { summary: `not asked, as the node has no Traefik: ${namesOf([...http, ...tcp]).join(", ")}` };
    const urls = [...new Set(http.flatMap((route) => urlOf(route, entry.baseDomain) ?? []))];
    // Before it takes them its own 404 comes, which looks like an answer.
    const what = "every router is taken by Traefik";
    let unasked: unknown;
    const look = async () => {
      unasked = undefined;
      return taken(context, urls).catch((error: unknown) => {
        unasked = error;
        return { done: false as const, reason: describe(error) };
      });
    };
    const evidence = await waitFor(look, { what, every: "1 s", ...wait }).catch((error: unknown) => {
      // Whose it is that Traefik could not be asked, that says itself.
      throw unasked ?? error;
    });
    // Where an author says what is asked of it, that is enough.
    const through = passedThrough(context.app, entry.baseDomain).filter(({ router }) => namesOf(tcp).includes(router));
    for (const one of through) await showsOwnName(context, one, wait);
    for (const url of urls) await serves(context, url, wait);
    return evidence;
  };
}

type Wait = Omit<UntilOptions, "what">;

async function serves(context: CheckContext, url: string, wait: Wait): Promise<void> {
  let last: EntryResponse | undefined;
  const look = async (): Promise<Attempt<undefined>> => {
    if (!context.entry) return { done: true, value: undefined };
    last = await askEntry(context.entry, { url }, context.signal);
    if (last.error) return { done: false, reason: last.error };
    if (isGateways(last)) return { done: false, reason: `status ${last.status}` };
    return { done: true, value: undefined };
  };
  await until(look, { what: `GET ${url}`, ...wait }).catch(async (error: unknown) => {
    if (!(error instanceof DeadlineError)) throw error;
    const why = last && (await explained(context, new URL(url), last));
    throw new CheckFailure(why ? `${why.reason}\n${error.message}` : error.message, {
      owner: why?.owner ?? error.owner,
      details: { url, status: last?.status, body: last?.body.slice(0, 2000) },
    });
  });
}

async function taken({ app, entry, traefik, swarm }: CheckContext, urls: string[]): Promise<Attempt<Evidence>> {
  const names = namesOf(httpRoutes(app));
  const tcp = namesOf(tcpRoutes(app));
  const state = traefik && (await traefik(swarm));
  const asked = urls.length > 0 ? `, asked at ${urls.join(", ")}` : "";
  if (!entry || !state) return { done: true, value: { summary: `${plural(urls.length, "route")}${asked}` } };
  const [off] = [
    ...passedOver({ app, entry }, names, state),
    ...passedOver({ app, entry }, tcp, { ...state, routers: state.tcpRouters }),
  ];
  if (off !== undefined) return { done: false, reason: off };
  const count = plural(names.length + tcp.length, "router");
  return { done: true, value: { summary: `${count}${asked}`, details: { names, tcp, urls } } };
}

function namesOf(routes: readonly Route[]): string[] {
  return [...new Set(routes.map(({ router }) => router))];
}
