import type { AppSpec } from "../../compose/app-spec.ts";
import type { ProbeResponse } from "../probe.ts";
import { type ContentPolicy, inlineRefusedBy, policiesOf, refusedBy, upgraded } from "./content-policy.ts";
import { leadsOn } from "./leads-on.ts";
import { inlineScripts, isBlank, type PagePart, partsOf, refusedPart, shownPart } from "./page-parts.ts";
import { type SettingsOf, saidBy, settingWith } from "./said-by.ts";

/** What a page is judged by, beside its own text. */
export interface PageLook {
  /** Where it came from. */
  url: URL;
  /** All hosts at which users have the app. */
  hosts: readonly string[];
  app: Pick<AppSpec, "recipe" | "services"> & SettingsOf;
  ask(url: URL): Promise<ProbeResponse>;
}

/** Most parts of a page that are asked for. */
const MOST_PARTS = 8;
const DOCUMENT = /^\s*(?:<!--[\s\S]*?-->\s*)*<(?:!doctype html|html)\b/i;
/** Types of which browsers make no page. */
const NO_PAGE = /^(?:text\/plain|application\/octet-stream|application\/json)\b/i;
/** Names and addresses that only machines near the app have. */
const INNER =
  /^(?:localhost|[^.:[\]]+|127\.\d+\.\d+\.\d+|0\.0\.0\.0|10\.\d+\.\d+\.\d+|172\.(?:1[6-9]|2\d|3[01])\.\d+\.\d+|\[::1?\])$/i;

/**
 * Why users have nothing of a page that came with status 200: it leads them on to where they reach nothing, browsers
 * show it as a text, or refuse all of its scripts and stylesheets. Parts from hosts of others are their business; one
 * that is missing beside others may be as well.
 */
export async function pageTrouble(response: ProbeResponse, look: PageLook): Promise<string | undefined> {
  const { body, contentType } = response;
  const on = /^text\/html\b/i.test(contentType) ? leadsOn(body, look.url) : undefined;
  const astray = on && unreached(on, "the page leads browsers on to", look);
  if (astray) return astray;
  if (!DOCUMENT.test(body)) return undefined;
  if (NO_PAGE.test(contentType)) return `a page comes as ${contentType}, of which browsers make none`;
  const policies = policiesOf(response.headers, shownPart(body));
  const parts = partsOf(body, look.url).map((part) => ({ ...part, url: upgraded(policies, part.url) }));
  const misled = parts.map((part) => misleading(part, look)).find((why) => why !== undefined);
  if (misled) return misled;
  const own = parts.filter(({ url }) => look.hosts.includes(url.hostname));
  const barred =
    barredParts(own, policies, look) ?? (parts.length === 0 && !on ? barredText(body, policies, look) : undefined);
  if (barred) return barred;
  const refused = await Promise.all(
    own.slice(0, MOST_PARTS).map(async (part) => {
      const why = refusedPart(part, await look.ask(part.url));
      return why && `${part.kind} ${part.url.pathname}: ${why}`;
    }),
  );
  const [first] = refused;
  if (first === undefined || refused.some((why) => why === undefined)) return undefined;
  return `browsers get none of the page's own scripts and stylesheets: ${first}`;
}

/** Why browsers load none of the page's own parts of a kind: a policy that comes with it is for other places. */
function barredParts(own: readonly PagePart[], policies: readonly ContentPolicy[], look: PageLook): string | undefined {
  for (const kind of ["script", "stylesheet"] as const) {
    const parts = own.filter((part) => part.kind === kind);
    const directives = parts.map((part) => refusedBy(policies, part, look.url));
    const [first] = directives;
    if (first === undefined || directives.includes(undefined)) continue;
    const sample = `${look.app.recipe}.example.com`;
    const whose = first.includes(sample) ? `, with ${sample}, the domain of .env.sample` : "";
    const setting = settingWith(look.app, (text) => text.includes(first));
    return `browsers load none of the page's own ${kind}s, which are at ${parts[0]?.url.origin}: its Content-Security-Policy has "${first}"${whose}${setting}`;
  }
  return undefined;
}

/** Why a page that its own text is to fill stays empty; nothing is told of one that shows something else as well. */
function barredText(body: string, policies: readonly ContentPolicy[], look: PageLook): string | undefined {
  const directives = inlineScripts(body).map((script) => inlineRefusedBy(policies, script));
  const [first] = directives;
  if (first === undefined || directives.includes(undefined) || !isBlank(body)) return undefined;
  const setting = settingWith(look.app, (text) => text.includes(first));
  return `the page stays empty: all that it shows comes of scripts in it, and its Content-Security-Policy has "${first}"${setting}, by which browsers run none`;
}

/** Why a browser can't load a part that the page itself says to be near the app, or at it. */
function misleading({ kind, url }: PagePart, look: PageLook): string | undefined {
  const said = `the page has its ${kind} at`;
  if (look.hosts.includes(url.hostname) && look.url.protocol === "https:" && url.protocol === "http:")
    return `${said} ${url.origin}, which browsers refuse on a page that came over TLS: the app does not see that it was asked so (X-Forwarded-Proto), or has a URL in its settings`;
  return unreached(url, said, look);
}

/** Why users reach nothing at a URL that the app's page gives them. */
function unreached(url: URL, words: string, { hosts, app }: PageLook): string | undefined {
  const said = `${words} ${url.origin}`;
  const setting = saidBy(app, url);
  if (url.hostname === `${app.recipe}.example.com`) return `${said}, the domain of .env.sample${setting}`;
  if (INNER.test(url.hostname)) return `${said}, which only the app itself reaches${setting}`;
  if (!hosts.includes(url.hostname)) return undefined;
  const isPublished = app.services.some(({ ports }) => ports.some(({ published }) => published === Number(url.port)));
  return url.port === "" || isPublished ? undefined : `${said}, a port that users do not reach${setting}`;
}
