import { plural } from "../../lib/plural.ts";
import type { LedgerEntry, LedgerResult, RunResult } from "../../lifecycle/result.ts";
import { ledgerWords } from "../ledger-words.ts";
import { html, type Markup } from "./template.ts";

const KINDS: LedgerEntry["kind"][] = [
  "service",
  "task",
  "container",
  "network",
  "volume",
  "secret",
  "config",
  "folder",
  "snapshot",
];

/** What was on the node before and after, and what the run left or took away. */
export function ledger(run: RunResult): Markup {
  const { ledger: result } = run;
  const kinds = KINDS.filter((kind) => (result.before[kind] ?? 0) + (result.after[kind] ?? 0) > 0);
  const clean = result.left.length === 0 && result.lost.length === 0;
  return html`<section aria-labelledby="ledger">
<h2 id="ledger">Ledger</h2>
${clean ? html`<p class="note">${ledgerWords(run)}</p>` : undefined}
${result.notJudged && html`<p class="note">Not judged: ${result.notJudged.join("; ")}.</p>`}
${survivors(`Left behind by the run: ${plural(result.left.length, "object")}`, result.left)}
${survivors(`Gone, though not the run's own: ${plural(result.lost.length, "object")}`, result.lost)}
${kinds.length > 0 && table(result, kinds)}
</section>`;
}

function survivors(title: string, entries: LedgerEntry[]): Markup | undefined {
  if (entries.length === 0) return undefined;
  return html`<div class="survivors"><h3>${title}</h3><ul>${entries.map(
    ({ kind, name, id, node }) =>
      html`<li>${kind} <b>${name}</b>${id !== name && html` <code>${id}</code>`}${node && ` on ${node}`}</li>`,
  )}</ul></div>`;
}

function table({ before, after }: LedgerResult, kinds: LedgerEntry["kind"][]): Markup {
  return html`<table class="numbers">
<thead><tr><th scope="col">Kind</th><th scope="col">Before</th><th scope="col">After</th></tr></thead>
<tbody>${kinds.map((kind) => {
    const [was, is] = [before[kind] ?? 0, after[kind] ?? 0];
    return html`<tr class="${was !== is && "changed"}"><th scope="row">${kind}</th><td>${was}</td><td>${is}</td></tr>`;
  })}</tbody>
</table>`;
}
