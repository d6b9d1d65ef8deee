import { humanize } from "../../lib/duration.ts";
import type { Owner } from "../../lib/owner.ts";
import { abridge } from "../../lib/plain-text.ts";
import type { CheckResult, PhaseResult, RunResult } from "../../lifecycle/result.ts";
import { type EvidenceItem, evidenceItems } from "../evidence.ts";
import { describeTally, isIdle, tally } from "../tally.ts";
import { STATUSES } from "../verdict-words.ts";
import { html, type Markup } from "./template.ts";
import { checkId, statusMark, textBlock } from "./words.ts";

const ERROR_LIMIT = 64_000;

/** Every check by phase; what failed stands open, the rest opens on a click. */
export function checks(result: RunResult): Markup {
  return html`<section aria-labelledby="checks">
<h2 id="checks">Checks</h2>
${result.phases.map(phaseChecks)}
</section>`;
}

function phaseChecks(phase: PhaseResult): Markup {
  const idle = isIdle(phase);
  const words = idle && phase.checks.length === 0 ? STATUSES[phase.status].label : describeTally(tally(phase.checks));
  return html`<section class="phase" aria-labelledby="phase-${phase.name}">
<div class="phase-title"><h3 id="phase-${phase.name}">${phase.name}</h3><p class="soft">${words}</p></div>
${phase.reason && html`<p class="note">${phase.reason}</p>`}
${phase.checks.length > 0 && html`<ul class="checks">${phase.checks.map(checkItem)}</ul>`}
</section>
`;
}

function checkItem(check: CheckResult): Markup {
  const body = detail(check);
  const failed = check.status === "failed";
  const line = html`<span>${statusMark(check.status)}</span>
<span class="what">${check.title} <code>${check.name}</code></span>
${check.status === "passed" && check.summary && html`<span class="seen">${check.summary}</span>`}
<span class="time">${check.status !== "not-run" && humanize(check.durationMs)}</span>`;
  return html`<li id="${checkId(check.name)}" class="${STATUSES[check.status].tone}">${
    body
      ? html`<details ${failed && html`open`}><summary>${line}</summary><div class="detail">${body}</div></details>`
      : html`<div class="line">${line}</div>`
  }</li>
`;
}

function detail(check: CheckResult): Markup | undefined {
  const items = evidenceItems(check.evidence);
  const failed = check.status === "failed" ? check : undefined;
  if (!failed && items.length === 0) return undefined;
  return html`${failed && OWNERS[failed.owner]}
${failed && html`<div class="error">${textBlock(abridge(failed.error, ERROR_LIMIT), `Error of ${check.name}`)}</div>`}
${items.length > 0 && html`<dl class="evidence">${items.map((item) => evidence(item, check.name))}</dl>`}`;
}

const OWNERS: Record<Owner, Markup> = {
  recipe: html`<p class="owner bad">The recipe is at fault.</p>`,
  infra: html`<p class="owner warn">The machinery or the network is at fault, not the recipe.</p>`,
  base: html`<p class="owner warn">The release that the upgrade starts from is at fault: head can't be judged.</p>`,
  author: html`<p class="owner warn">The recipe's ci.ts is at fault, not the recipe: nothing was judged.</p>`,
  dependency: html`<p class="owner warn">Another recipe that this one needs is at fault: this one can't be judged.</p>`,
  defect: html`<p class="owner warn">recipe-ci is at fault: please report it with the stack trace below.</p>`,
};

function evidence(item: EvidenceItem, check: string): Markup {
  const value = item.block ? textBlock(item.text, `${item.name} of ${check}`) : html`<code>${item.text}</code>`;
  return html`<div class="${item.block && "wide"}"><dt>${item.name}</dt><dd>${value}</dd></div>`;
}
