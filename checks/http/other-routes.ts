import type { AppSpec } from "../../compose/app-spec.ts";
import { type HttpRoute, httpRoutes } from "../../compose/labels/routes.ts";
import type { Duration } from "../../lib/duration.ts";
import { describe } from "../../lib/errors.ts";
import { plural } from "../../lib/plural.ts";
import { type Attempt, DeadlineError, type UntilOptions, until } from "../../lib/until.ts";
import { type CheckContext, CheckFailure, type CheckFunction, type Evidence } from "../check.ts";
import { waitFor } from "../wait-for.ts";
import { type AppTarget, placeOf } from "./app-address.ts";
import { askEntry, type EntryResponse } from "./entry-request.ts";
import { explained } from "./http.ts";
import { passedOver } from "./unserved.ts";

/** What Traefik itself answers where its router leads to nothing. */
const GATEWAY = [502, 503, 504];
/** Parts of a rule that say more of a request than where it goes to, or leave that open. */
const MORE = /!|\b(?:Headers?|HeaderRegexp|HeadersRegexp|HostRegexp|PathRegexp|Query|QueryRegexp|Method|ClientIP)\(/;

/**
 * Routers of an app that lead elsewhere than what is asked already.
 * @param asked what other checks ask over HTTP
 */
export function otherRoutes(app: AppSpec, asked: readonly AppTarget[]): HttpRoute[] {
  const known = asked.map((target) => placeOf(app, target));
  return httpRoutes(app).filter(
    ({ service, port }) => !known.some((place) => place.key === service && place.port === port),
  );
}

/** The URL at which users have what a router leads to; undefined where its rule, or the platform, leaves that open. */
export function urlOf({ rule, hosts, entryPoints }: HttpRoute, baseDomain: string): string | undefined {
  const host = hosts.find((one) => one.endsWith(`.${baseDomain}`));
  if (host === undefined || MORE.test(rule) || entryPoints?.includes("web-secure") === false) return undefined;
  const path = /\bPath(?:Prefix)?\(\s*[`"]([^`"{]*)[`"]/.exec(rule)?.[1] ?? "/";
  return `https://${host}${path}`;
}

/**
 * Behind every other router of an app there is a server, and Traefik takes all of its routers. What that server answers
 * is its own business: an interface for programs need have nothing at `/`.
 *
 * @param of what {@link otherRoutes} finds
 * @throws CheckFailure with what Traefik knows of the first that leads nowhere
 */
export function routesServe(of: readonly HttpRoute[], within: Duration = "30 s"): CheckFunction {
  return async (context) => {
    const { entry, signal, clock } = context;
    if (!entry) return { summary: `not asked, as the node has no Traefik: ${namesOf(of).join(", ")}` };
    const urls = [...new Set(of.flatMap((route) => urlOf(route, entry.baseDomain) ?? []))];
    const wait = { deadline: within, owner: "recipe", signal, clock } as const;
    // Before it takes them its own 404 comes, which looks like an answer.
    const what = "every router is taken by Traefik";
    const evidence = await waitFor(() => taken(context, urls), { what, every: "1 s", ...wait });
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
    if (GATEWAY.includes(last.status)) return { done: false, reason: `status ${last.status}` };
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
  const state = traefik && (await traefik(swarm).catch(describe));
  const asked = urls.length > 0 ? `, asked at ${urls.join(", ")}` : "";
  if (!entry || typeof state !== "object")
    return { done: true, value: { summary: `${plural(urls.length, "route")}${asked}` } };
  const [off] = passedOver({ app, entry }, names, state);
  if (off !== undefined) return { done: false, reason: off };
  return { done: true, value: { summary: `${plural(names.length, "router")}${asked}`, details: { names, urls } } };
}

function namesOf(routes: readonly HttpRoute[]): string[] {
  return [...new Set(routes.map(({ router }) => router))];
}
