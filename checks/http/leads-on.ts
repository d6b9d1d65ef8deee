import { shownPart } from "./page-parts.ts";

const META = /<meta\b((?:[^>"']|"[^"]*"|'[^']*')*)>/gi;
const REFRESH = /http-equiv\s*=\s*["']?refresh\b/i;
/** `0; url=https://…`, as browsers read it (HTML Living Standard, shared declarative refresh steps). */
const CONTENT = /content\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))/i;
const TARGET = /^\s*[\d.]*\s*[;,\s]\s*(?:url\s*=\s*)?["']?([^"']+)/i;
const SCRIPT = /<script\b(?![^>]*\ssrc\s*=)[^>]*>([\s\S]*?)<\/script\s*>/gi;
/** A script that is nothing else: one with an `if` may mean another case. */
const LOCATION =
  /^\s*(?:(?:window|document|self|top)\.)?location(?:\.href\s*=|\s*=|\.(?:replace|assign)\s*\()\s*(["'`])([^"'`$]+)\1\s*\)?\s*;?\s*$/;

/** Where a page leads browsers on by itself, by a refresh or a script of that alone; undefined where they stay. */
export function leadsOn(html: string, at: URL): URL | undefined {
  const metas = [...shownPart(html).matchAll(META)].map(([, inner = ""]) => inner);
  const refresh = metas.find((inner) => REFRESH.test(inner)) ?? "";
  const content = CONTENT.exec(refresh)?.slice(1).find(Boolean)?.replaceAll("&amp;", "&") ?? "";
  const scripts = [...html.matchAll(SCRIPT)].map(([, text = ""]) => LOCATION.exec(text)?.[2]);
  const target = (TARGET.exec(content)?.[1] ?? scripts.find(Boolean))?.trim();
  return target && URL.canParse(target, at.href) ? new URL(target, at) : undefined;
}
