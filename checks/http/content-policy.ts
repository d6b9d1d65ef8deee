import { createHash } from "node:crypto";
import type { ProbeResponse } from "../probe.ts";

/** What a page asks for, as far as its policies judge it. */
export interface Policed {
  kind: "script" | "stylesheet";
  url: URL;
  /** Of its element, where that has one. */
  nonce?: string;
  integrity?: string;
}

/** A script whose text stands in the page. */
export interface InlineScript {
  /** Of its element, where that has one. */
  nonce?: string;
  text: string;
}

/** One Content-Security-Policy: what stands in each directive, by its name in lower case. */
export type ContentPolicy = ReadonlyMap<string, readonly string[]>;

const META = /<meta\b((?:[^>"']|"[^"]*"|'[^']*')*)>/gi;
const IS_POLICY = /http-equiv\s*=\s*["']?content-security-policy["'\s/]/i;
const CONTENT = /\scontent\s*=\s*(?:"([^"]*)"|'([^']*)')/i;
const FIRST_PART = /<(?:script|link)\b/i;
/** The directives that are asked about each kind, the first one that is there (Content Security Policy Level 3, 6.8.3). */
const ASKED: Readonly<Record<Policed["kind"], readonly string[]>> = {
  script: ["script-src-elem", "script-src", "default-src"],
  stylesheet: ["style-src-elem", "style-src", "default-src"],
};
const HOST = /^(?:([a-z][a-z\d+.-]*):\/\/)?(\*|(?:\*\.)?[a-z\d-]+(?:\.[a-z\d-]+)*)(?::(\d+|\*))?(\/[^?#]*)?$/i;
const PORTS: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };

/**
 * All policies that browsers enforce on a page. One that its own text has holds for what follows, so it is read where it
 * comes first.
 *
 * @param html the page without its comments
 */
export function policiesOf(headers: ProbeResponse["headers"], html: string): ContentPolicy[] {
  const sent = (headers["content-security-policy"] ?? []).flatMap((value) => value.split(","));
  const [before = ""] = html.split(FIRST_PART, 1);
  const written = [...before.matchAll(META)].flatMap(([, inner = ""]) => {
    const [, double, single] = (IS_POLICY.test(`${inner} `) && CONTENT.exec(inner)) || [];
    return (double ?? single ?? "").replaceAll("&#39;", "'").replaceAll("&amp;", "&");
  });
  return [...sent, ...written].map(parsed).filter((policy) => policy.size > 0);
}

function parsed(text: string): ContentPolicy {
  const directives = new Map<string, string[]>();
  for (const directive of text.split(";")) {
    const [name = "", ...sources] = directive.trim().split(/\s+/);
    // Of two by one name the first holds.
    if (name && !directives.has(name.toLowerCase())) directives.set(name.toLowerCase(), sources);
  }
  return directives;
}

/** Where browsers really look for a part: some policies have them ask over TLS for what a page has over plain HTTP. */
export function upgraded(policies: readonly ContentPolicy[], url: URL): URL {
  if (url.protocol !== "http:" || !policies.some((policy) => policy.has("upgrade-insecure-requests"))) return url;
  const asked = new URL(url);
  asked.protocol = "https:";
  return asked;
}

/** The directive by which a browser does not load a part of a page, as it reads; undefined where it does. */
export function refusedBy(policies: readonly ContentPolicy[], part: Policed, page: URL): string | undefined {
  return refusing(policies, part.kind, (sources) => admits(sources, part, page));
}

/** The directive by which a browser does not run a script that stands in the page itself; undefined where it does. */
export function inlineRefusedBy(policies: readonly ContentPolicy[], script: InlineScript): string | undefined {
  return refusing(policies, "script", (sources) => admitsInline(sources, script));
}

/** The first directive for a kind whose list of sources does not admit it, as it reads. */
function refusing(
  policies: readonly ContentPolicy[],
  kind: Policed["kind"],
  isAdmitted: (sources: readonly string[]) => boolean,
): string | undefined {
  for (const policy of policies) {
    const name = ASKED[kind].find((one) => policy.has(one));
    const sources = (name && policy.get(name)) || [];
    if (name && !isAdmitted(sources)) return [name, ...sources].join(" ");
  }
  return undefined;
}

/** With a nonce or a hash in the list `'unsafe-inline'` is for older browsers alone. */
function admitsInline(sources: readonly string[], { nonce, text }: InlineScript): boolean {
  if (nonce && sources.includes(`'nonce-${nonce}'`)) return true;
  const hashes = sources.map((source) => /^'(sha(?:256|384|512))-(.+)'$/i.exec(source) ?? []);
  const isKnown = hashes.some(([, algorithm = "", hash = ""]) => {
    return algorithm && createHash(algorithm.toLowerCase()).update(text).digest("base64") === asBase64(hash);
  });
  if (isKnown) return true;
  const isNewer = sources.some((source) => /^'(?:nonce-|sha\d{3}-|strict-dynamic')/i.test(source));
  return !isNewer && sources.some((source) => source.toLowerCase() === "'unsafe-inline'");
}

/** Both alphabets of Base64 are taken. */
function asBase64(hash: string): string {
  return hash.replaceAll("-", "+").replaceAll("_", "/");
}

function admits(sources: readonly string[], part: Policed, page: URL): boolean {
  const words = sources.map((source) => source.toLowerCase());
  if (part.nonce && sources.includes(`'nonce-${part.nonce}'`)) return true;
  // Which of the hashes is that of the file, only its bytes tell.
  if (part.integrity && words.some((word) => /^'sha(?:256|384|512)-/.test(word))) return true;
  if (part.kind === "script" && words.includes("'strict-dynamic'")) return false;
  return sources.some((source) => matches(source, part.url, page));
}

/** Whether an expression of a list of sources means a URL (Content Security Policy Level 3, 6.7.2.8). */
function matches(source: string, url: URL, page: URL): boolean {
  if (source.toLowerCase() === "'self'") return url.host === page.host && isScheme(page.protocol, url.protocol);
  if (source === "*") return url.protocol in PORTS || url.protocol === page.protocol;
  if (/^[a-z][a-z\d+.-]*:$/i.test(source)) return isScheme(source.toLowerCase(), url.protocol);
  const [, scheme, host = "", port, path] = HOST.exec(source) ?? [];
  if (!host || !isScheme(scheme ? `${scheme.toLowerCase()}:` : page.protocol, url.protocol)) return false;
  return isHost(host.toLowerCase(), url.hostname) && isPort(port, url) && isPath(path, url.pathname);
}

/** A source over plain HTTP is also one over TLS. */
function isScheme(asked: string, protocol: string): boolean {
  return asked === protocol || (asked === "http:" && protocol === "https:");
}

function isHost(asked: string, hostname: string): boolean {
  return asked === "*" || (asked.startsWith("*.") ? hostname.endsWith(asked.slice(1)) : asked === hostname);
}

function isPort(asked: string | undefined, { port, protocol }: URL): boolean {
  const its = port || PORTS[protocol];
  if (asked === undefined) return its === PORTS[protocol];
  return asked === "*" || asked === its || (asked === "80" && its === "443");
}

function isPath(asked: string | undefined, pathname: string): boolean {
  if (asked === undefined || asked === "/") return true;
  return asked.endsWith("/") ? pathname.startsWith(asked) : pathname === asked;
}
