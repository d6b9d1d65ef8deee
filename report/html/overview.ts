import { humanize } from "../../lib/duration.ts";
import { plural } from "../../lib/plural.ts";
import { type Overview, type OverviewRow, overviewCounts, overviewRow } from "../overview.ts";
import { toolVersion } from "../tool-version.ts";
import { htmlDocument } from "./document.ts";
import { html, type Markup } from "./template.ts";
import { moment } from "./words.ts";

/**
 * Several runs as one page, each with a link to its own.
 * @param reportOf where the page of a run lies, from this one
 */
export function renderOverview(overview: Overview, reportOf: (run: string) => string): string {
  const rows = overview.runs.map(overviewRow);
  const tone = (["bad", "warn"] as const).find((worse) => rows.some((row) => row.tone === worse)) ?? "good";
  const counts = overviewCounts(overview);
  const body = html`<header class="${tone}">
<p class="when">recipe-ci · ${moment(overview.startedAt)}</p>
<div class="title"><h1>${plural(rows.length, "recipe")}</h1></div>
<p class="reason">${counts}, in ${humanize(overview.durationMs)}</p>
</header>
<main>
<section><h2>Runs</h2>
<table>
<thead><tr><th scope="col">Recipe</th><th scope="col">Verdict</th><th scope="col">Checks</th><th scope="col">Time</th></tr></thead>
<tbody>${rows.map((row) => line(row, reportOf))}</tbody>
</table></section>
</main>
<footer><p>Made by recipe-ci ${toolVersion()}. The same in data: <code>result.json</code> and <code>junit.xml</code> beside this page.</p></footer>`;
  return htmlDocument(`${plural(rows.length, "recipe")}: ${counts} · recipe-ci`, tone, body);
}

function line(row: OverviewRow, reportOf: (run: string) => string): Markup {
  const { recipe, run, tone, mark, label, checks, durationMs, reason } = row;
  return html`<tr><th scope="row">${run ? html`<a href="${reportOf(run)}">${recipe}</a>` : recipe}</th>
<td><span class="mark ${tone}" aria-hidden="true">${mark}</span> ${label}${reason && html`<br><span class="soft">${reason}</span>`}</td>
<td>${checks}</td><td>${durationMs !== undefined && humanize(durationMs)}</td></tr>`;
}
