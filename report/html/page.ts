import { humanize } from "../../lib/duration.ts";
import type { RunResult } from "../../lifecycle/result.ts";
import { toolVersion } from "../tool-version.ts";
import { VERDICTS } from "../verdict-words.ts";
import { changes } from "./changes.ts";
import { checks } from "./checks.ts";
import { diagnostics } from "./diagnostics.ts";
import { htmlDocument } from "./document.ts";
import { header } from "./header.ts";
import { ledger } from "./ledger.ts";
import { lint } from "./lint.ts";
import { remarks } from "./remarks.ts";
import { setting } from "./setting.ts";
import { html, type Markup } from "./template.ts";
import { timeline } from "./timeline.ts";
import { moment } from "./words.ts";

/** The run as one page that needs nothing beside it. */
export function renderHtml(result: RunResult): string {
  const { mark, label, tone } = VERDICTS[result.verdict];
  const body = html`${header(result)}
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
${footer(result)}`;
  return htmlDocument(`${mark} ${result.recipe}: ${label} · recipe-ci`, tone, body);
}

function footer(result: RunResult): Markup {
  return html`<footer>
<p>Run <code>${result.run}</code>, started ${moment(result.startedAt)}, took ${humanize(result.durationMs)}.</p>
<p>Made by recipe-ci ${toolVersion()}. The same in data: <code>result.json</code> and <code>junit.xml</code> beside this page.</p>
</footer>`;
}
