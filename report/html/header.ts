import { humanize } from "../../lib/duration.ts";
import { firstLine } from "../../lib/plain-text.ts";
import { plural } from "../../lib/plural.ts";
import type { RunResult } from "../../lifecycle/result.ts";
import { allChecks, failedChecks, tally, versionName } from "../tally.ts";
import { VERDICTS } from "../verdict-words.ts";
import { html, type Markup } from "./template.ts";
import { checkId, moment } from "./words.ts";

/** The top of the page: what a maintainer wants to know in five seconds. */
export function header(result: RunResult): Markup {
  const { label, mark, tone, meaning } = VERDICTS[result.verdict];
  const { kind, engineVersion } = result.node;
  return html`<header class="${tone}">
<p class="when">recipe-ci · ${moment(result.startedAt)}</p>
<div class="title"><h1>${result.recipe}</h1><p class="verdict"><span aria-hidden="true">${mark}</span> ${label}</p></div>
<p class="move">${move(result)}</p>
<p class="place soft">${result.domain && html`<code>${result.domain}</code> on `}a ${kind} node${engineVersion && `, Docker ${engineVersion}`}</p>
<p class="reason">${result.reason}</p>
${result.standIns.length > 0 && html`<p class="soft">With <a href="#stand-ins">${plural(result.standIns.length, "stand-in")}</a> for images.</p>`}
${result.verdict !== "pass" && html`<p class="meaning">${meaning}</p>`}
${failures(result)}
${figures(result)}
</header>`;
}

function move({ base, head }: RunResult): Markup {
  if (!base) return html`<b>${versionName(head)}</b> <span class="soft">with no older release to upgrade from</span>`;
  return html`<span>${versionName(base)}</span> <span class="soft" aria-hidden="true">→</span><span class="unseen"> to </span> <b>${versionName(head)}</b>`;
}

function failures(result: RunResult): Markup | undefined {
  const failed = failedChecks(result);
  if (failed.length === 0) return undefined;
  return html`<ul class="failures" aria-label="Failed checks">${failed.map(
    (check) =>
      html`<li><a href="#${checkId(check.name)}">${check.name}</a> <span>${firstLine(check.error)}</span></li>`,
  )}</ul>`;
}

function figures(result: RunResult): Markup {
  const counts = tally(allChecks(result));
  const other = counts.skipped + counts["not-run"];
  const left = result.ledger.left.length;
  const entries: [term: string, value: string, tone?: string][] = [
    ["Checks passed", `${counts.passed} of ${counts.passed + counts.failed + other}`],
    ["Failed", String(counts.failed), counts.failed > 0 ? "bad" : undefined],
    ["Not run or skipped", String(other)],
    ["Time", humanize(result.durationMs)],
    ["Left on the node", left === 0 ? "nothing" : plural(left, "object"), left > 0 ? "bad" : undefined],
  ];
  return html`<dl class="figures">${entries.map(
    ([term, value, tone]) => html`<div><dt>${term}</dt><dd class="${tone}">${value}</dd></div>`,
  )}</dl>`;
}
