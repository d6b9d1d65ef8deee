import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { humanize } from "../../lib/duration.ts";
import type { RunResult } from "../../lifecycle/result.ts";
import { toolVersion } from "../tool-version.ts";
import { VERDICTS } from "../verdict-words.ts";
import { changes } from "./changes.ts";
import { checks } from "./checks.ts";
import { diagnostics } from "./diagnostics.ts";
import { header } from "./header.ts";
import { ledger } from "./ledger.ts";
import { lint } from "./lint.ts";
import { remarks } from "./remarks.ts";
import { setting } from "./setting.ts";
import { html, type Markup, trusted } from "./template.ts";
import { timeline } from "./timeline.ts";
import { moment } from "./words.ts";

/**
 * The run as one self-contained page: no script, no request to anywhere (its content security policy forbids
 * both), readable on a phone, by a screen reader, in the dark and on paper.
 */
export function renderHtml(result: RunResult): string {
  const css = readFileSync(new URL("page.css", import.meta.url), "utf8");
  const { mark, label, tone } = VERDICTS[result.verdict];
  return `<!doctype html>\n${
    html`<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(css)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${mark} ${result.recipe}: ${label} · recipe-ci</title>
<link rel="icon" href="${icon(tone)}">
<style>${trusted(css)}</style>
</head>
<body>
${header(result)}
<main>
${timeline(result)}
${checks(result)}
${changes(result)}
${diagnostics(result)}
${lint(result)}
${remarks(result)}
${ledger(result)}
${setting(result)}
</main>
${footer(result)}
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

function icon(tone: keyof typeof ICON_COLOURS): string {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="${ICON_COLOURS[tone]}"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

const ICON_COLOURS = { good: "#1f8a54", bad: "#d0453a", warn: "#b07d0c", quiet: "#737b87" };

function footer(result: RunResult): Markup {
  return html`<footer>
<p>Run <code>${result.run}</code>, started ${moment(result.startedAt)}, took ${humanize(result.durationMs)}.</p>
<p>Made by recipe-ci ${toolVersion()}. The same in data: <code>result.json</code> and <code>junit.xml</code> beside this page.</p>
</footer>`;
}
