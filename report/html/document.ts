import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Tone } from "../verdict-words.ts";
import { html, type Markup, trusted } from "./template.ts";

/**
 * One self-contained page: no script, no request to anywhere (its content security policy forbids both), readable on a
 * phone, by a screen reader, in the dark and on paper.
 */
export function htmlDocument(title: string, tone: Tone, body: Markup): string {
  const css = readFileSync(new URL("page.css", import.meta.url), "utf8");
  return `<!doctype html>\n${
    html`<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(css)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<link rel="icon" href="${icon(tone)}">
<style>${trusted(css)}</style>
</head>
<body>
${body}
</body>
</html>
`.text
  }`;
}

/** Nothing may be loaded or run but this very style sheet and the icon in the page. */
function policy(css: string): string {
  const hash = createHash("sha256").update(css).digest("base64");
  return `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'`;
}

function icon(tone: Tone): string {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="${ICON_COLOURS[tone]}"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

const ICON_COLOURS: Record<Tone, string> = { good: "#1f8a54", bad: "#d0453a", warn: "#b07d0c", quiet: "#737b87" };
