import type { ProbeResponse } from "../probe.ts";
import type { InlineScript } from "./content-policy.ts";

/** A script or a stylesheet that a page asks browsers to load. */
export interface PagePart {
  kind: "script" | "stylesheet";
  url: URL;
  /** Browsers take no type for it but the right one. */
  strict: boolean;
  /** Of its element, where that has one. */
  nonce?: string;
  integrity?: string;
}

const COMMENT = /<!--[\s\S]*?-->/g;
/** What stands between these is no part of the page, or only where no script runs. */
const INSIDE = /(<(script|style|noscript|template|textarea|title)\b[^>]*>)[\s\S]*?<\/\2\s*>/gi;
const TAG = /<(script|link|base)\b((?:[^>"']|"[^"]*"|'[^']*')*)>/gi;
const INLINE = /<script\b((?:[^>"']|"[^"]*"|'[^']*')*)>([\s\S]*?)<\/script\s*>/gi;
/** What a browser shows without a word of text. */
const SHOWN = /<(?:img|svg|video|audio|canvas|iframe|frame|object|embed|input|button|textarea|select)\b/i;
/** Scripts that today's browsers pass over. */
const OLD_BROWSERS = /\snomodule\b/i;
/** Types of scripts that browsers run: others hold data and templates. */
const RUN = /^(?:module|(?:text|application)\/(?:x-)?(?:java|ecma|j)script)?$/i;
const ATTRIBUTE = /([a-z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/gi;

/** A page without what its browser passes over, and without what stands in scripts and styles. */
export function shownPart(html: string): string {
  return html.replaceAll(COMMENT, "").replaceAll(INSIDE, "$1");
}

/** The scripts and stylesheets of a page, in their order; data and what is no URL are left out. */
export function partsOf(html: string, at: URL): PagePart[] {
  const text = shownPart(html);
  const tags = [...text.matchAll(TAG)]
    .filter(([, , inner = ""]) => !OLD_BROWSERS.test(inner))
    .map(([, name = "", inner = ""]) => ({ name: name.toLowerCase(), ...attributes(inner) }));
  const base = tags.find(({ name, href }) => name === "base" && href)?.href ?? "";
  const from = URL.canParse(base, at.href) ? new URL(base, at) : at;
  const hasDoctype = /^\s*<!doctype html/i.test(text);
  return tags.flatMap(({ name, src, href, rel = "", type = "", nonce, integrity }): PagePart[] => {
    const isStylesheet = name === "link" && /(?:^|\s)stylesheet(?:\s|$)/i.test(rel) && !/\balternate\b/i.test(rel);
    const link = name === "script" ? (RUN.test(type) ? src : undefined) : isStylesheet ? href : undefined;
    if (!link || !URL.canParse(link, from.href)) return [];
    const url = new URL(link, from);
    if (!url.protocol.startsWith("http")) return [];
    const sure = { url, ...(nonce && { nonce }), ...(integrity && { integrity }) };
    return name === "script"
      ? [{ ...sure, kind: "script", strict: type.toLowerCase() === "module" }]
      : [{ ...sure, kind: "stylesheet", strict: hasDoctype }];
  });
}

/** The scripts that stand in a page itself, in their order. */
export function inlineScripts(html: string): InlineScript[] {
  return [...html.replaceAll(COMMENT, "").matchAll(INLINE)].flatMap(([, inner = "", text = ""]) => {
    const { src, type = "", nonce } = attributes(inner);
    const isRun = src === undefined && RUN.test(type) && !OLD_BROWSERS.test(inner) && text.trim() !== "";
    return isRun ? [{ text, ...(nonce && { nonce }) }] : [];
  });
}

/** Whether a page shows nothing before a script makes something: it has neither words nor pictures of its own. */
export function isBlank(html: string): boolean {
  const [, body = ""] = /<body\b[^>]*>([\s\S]*)/i.exec(html.replaceAll(COMMENT, "").replaceAll(INSIDE, "")) ?? [];
  return !SHOWN.test(body) && body.replaceAll(/<[^>]*>|&nbsp;/g, "").trim() === "";
}

type Attribute = "src" | "href" | "rel" | "type" | "nonce" | "integrity";

function attributes(inner: string): Partial<Record<Attribute, string>> {
  const found = [...inner.matchAll(ATTRIBUTE)].map(([, name = "", double, single, bare]) => {
    return [name.toLowerCase(), (double ?? single ?? bare ?? "").replaceAll("&amp;", "&").trim()];
  });
  return Object.fromEntries(found);
}

const TYPES = { script: /(?:java|ecma|live|j)script/i, stylesheet: /^text\/css\b/i };

/** Why a browser does not take what came for a part of a page; undefined where it does. */
export function refusedPart(
  { kind, strict }: Pick<PagePart, "kind" | "strict">,
  { error, status, contentType, headers }: Pick<ProbeResponse, "error" | "status" | "contentType" | "headers">,
): string | undefined {
  if (error !== undefined) return error;
  if (status >= 400) return `status ${status}`;
  if (status >= 300 || contentType === "") return undefined;
  const noSniff = headers["x-content-type-options"]?.join().toLowerCase().includes("nosniff") ?? false;
  const isRight = TYPES[kind].test(contentType);
  if (isRight || (!strict && !noSniff && !/^text\/html\b/i.test(contentType))) return undefined;
  return `it comes as ${contentType}, which browsers take for no ${kind}`;
}
