import type { AppSpec } from "../app-spec.ts";
import { httpRoutes, type Route, tcpRoutes } from "./http-routes.ts";
import { alternatives } from "./rule-path.ts";

/**
 * What an app's rules take from others, one sentence each: two routers with one rule, of which Traefik serves the one
 * alone, and a router that asks for no host, to which requests for every other app of the server come as well.
 */
export function contestedRules(app: Pick<AppSpec, "services">): string[] {
  const http = httpRoutes(app);
  return [
    ...doubled(http),
    ...doubled(tcpRoutes(app)),
    ...http
      .filter(({ rule, ranked }) => !ranked && takesEveryHost(rule))
      .map(
        ({ router, service, rule }) =>
          `router ${router} of ${service} takes requests for every other app of the server as well: its rule ${rule} leaves the host open`,
      ),
  ];
}

/** Of two rules that are the same Traefik takes one, by their priorities or as it comes: what the other leads to is never reached. */
function doubled(routes: readonly Route[]): string[] {
  return routes.flatMap((one, at) =>
    routes
      .slice(at + 1)
      .filter((other) => {
        const leadsElsewhere = one.service !== other.service || one.port !== other.port;
        const isSame = one.rule !== "" && one.rule.trim() === other.rule.trim();
        return leadsElsewhere && isSame && meet(one, other) && one.overTls === other.overTls;
      })
      .map((other) => {
        const [first, second] = [one, other].map(({ router, service, port }) => `${router} (to ${service}:${port})`);
        return `routers ${first} and ${second} have the same rule, ${one.rule.trim()}: Traefik sends requests to one of them alone`;
      }),
  );
}

/** Whether two routers are at one entry point; without a label they are at all. */
function meet({ entryPoints: one }: Route, { entryPoints: other }: Route): boolean {
  return !one || !other || one.some((name) => other.includes(name));
}

/** What says for which host a request is; `!` before it leaves all others. */
const HOST = /(?<!!\s*)\bHost(?:Header)?\(/i;
const HOST_PATTERN = /(?<!!\s*)\bHostRegexp\(\s*[`"]([^`"]*)[`"]\s*\)/gi;
/** By these a request may be told as well; what they ask is its own. */
const OTHERS = /\b(?:ClientIP|Headers?|HeaderRegexp|HeadersRegexp)\(/i;
/** Names that have nothing in common. */
const ANY = ["wiki.example.org", "a-1.test"];

/** Whether a rule, or one of its alternatives, takes requests whatever host they are for. */
function takesEveryHost(rule: string): boolean {
  return rule !== "" && alternatives(rule).some((one) => !HOST.test(one) && !OTHERS.test(one) && !isNarrow(one));
}

function isNarrow(rule: string): boolean {
  return [...rule.matchAll(HOST_PATTERN)].some(([, pattern = ""]) => !ANY.every((name) => matches(pattern, name)));
}

/** Go's expressions are nearly those of JavaScript; one that is none here is not judged. */
function matches(pattern: string, name: string): boolean {
  try {
    return new RegExp(pattern, "i").test(name);
  } catch {
    return false;
  }
}
