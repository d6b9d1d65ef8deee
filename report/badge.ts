import { plural } from "../lib/plural.ts";
import type { RunResult, Verdict } from "../lifecycle/result.ts";

const SUBJECT = "recipe-ci";
/** Dark enough for white text at a contrast of 4.5:1. */
const COLOURS: Record<Verdict, string> = {
  pass: "#1a7f4b",
  fail: "#c0362c",
  infra: "#8a6100",
  flaky: "#8a6100",
  blocked: "#5c6470",
};

/**
 * The verdict as an SVG of 20 pixels' height, for a README or a comment on a change. Its title also says how many of the
 * images were stand-ins.
 */
export function renderBadge({ verdict, standIns }: Pick<RunResult, "verdict" | "standIns">): string {
  const title = `${SUBJECT}: ${verdict}${standIns.length > 0 ? `, with ${plural(standIns.length, "stand-in")} for images` : ""}`;
  const left = widthOf(SUBJECT);
  const right = widthOf(verdict);
  const label = (text: string, x: number, width: number) =>
    `<text x="${x + width / 2}" y="14" text-anchor="middle">${text}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="20" role="img" aria-label="${title}">
<title>${title}</title>
<clipPath id="r"><rect width="${left + right}" height="20" rx="4"/></clipPath>
<g clip-path="url(#r)"><rect width="${left}" height="20" fill="#3b424c"/><rect x="${left}" width="${right}" height="20" fill="${COLOURS[verdict]}"/></g>
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">${label(SUBJECT, 0, left)}${label(verdict, left, right)}</g>
</svg>
`;
}

/** Pixels for a text at 11 px with its margins: enough in any of the fonts named. */
function widthOf(text: string): number {
  return Math.round(text.length * 6.6) + 12;
}
