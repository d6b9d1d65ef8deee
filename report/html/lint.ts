import { abridge } from "../../lib/plain-text.ts";
import { plural } from "../../lib/plural.ts";
import type { LintResult, RunResult } from "../../lifecycle/result.ts";
import type { JudgedFinding, Occurrence } from "../../lint/waivers.ts";
import { countFindings, placeWords } from "../lint-words.ts";
import { html, type Markup } from "./template.ts";

/** So many findings stand open; of more, only those with an error among them. */
const OPEN = 12;
/** So many of a group are on the page, errors first; result.json has all. */
const MOST = 200;
const TEXT_LIMIT = 2_000;
/** So many places of one finding. */
const PLACES = 50;

/** What lint found in head, those that are waived apart, and the status score; nothing where lint could not work. */
export function lint({ lint: found, recipe }: RunResult): Markup | undefined {
  if (!found) return undefined;
  const open = (wanted: JudgedFinding["level"]) =>
    found.findings.filter(({ level, waived }) => level === wanted && waived === undefined);
  const [errors, warnings] = [open("error"), open("warning")];
  const waived = found.findings.filter((finding) => finding.waived !== undefined);
  return html`<section aria-labelledby="lint">
<h2 id="lint">Lint</h2>
<p class="note">What <code>npx recipe-ci lint ${recipe}</code> says of head: ${countFindings(found.counts)}. It has no part in the verdict.</p>
${group("open", "To do", [...errors, ...warnings], errors.length > 0 || warnings.length <= OPEN)}
${group("waived", "Waived", waived, false)}
${score(found.status)}
</section>`;
}

function group(id: string, title: string, findings: JudgedFinding[], open: boolean): Markup | undefined {
  if (findings.length === 0) return undefined;
  const more = findings.length - MOST;
  return html`<details class="card findings" id="lint-${id}" ${open && html`open`}>
<summary><span class="what">${title}<span class="soft count">${plural(findings.length, "finding")}</span></span></summary>
<ul>${findings.slice(0, MOST).map(item)}</ul>
${more > 0 && html`<p class="note">${plural(more, "more finding")}: see <code>result.json</code>.</p>`}
</details>
`;
}

const MARKS = { error: { mark: "✗", tone: "bad" }, warning: { mark: "!", tone: "warn" } } as const;

function item({ rule, level, message, file, line, remedy, waived, kind, places = [] }: JudgedFinding): Markup {
  const { mark, tone } = waived === undefined ? MARKS[level] : { mark: "–", tone: "quiet" };
  const rest = places.length - PLACES;
  return html`<li class="${tone}">
<span class="mark" aria-hidden="true">${mark}</span><div>
<p><span class="unseen">${level}: </span><code class="subject">${short(placeOf({ file, line }))}</code> <span class="soft">${rule}</span></p>
<p>${short(message)}</p>
${places.slice(0, PLACES).map((place) => html`<p class="soft"><code>${short(placeOf(place))}</code> ${kind && short(place.message)}</p>`)}
${rest > 0 && html`<p class="soft">and ${plural(rest, "more place")}: see <code>result.json</code></p>`}
<p class="soft">${waived === undefined ? short(remedy) : html`<b>Waived:</b> ${short(waived)}`}</p>
</div></li>`;
}

function placeOf(place: Pick<Occurrence, "file" | "line">): string {
  return placeWords(place) ?? "repository";
}

function short(text: string): string {
  return abridge(text, TEXT_LIMIT);
}

function score({ score: reached, missing, readme }: LintResult["status"]): Markup {
  const claim = readme === undefined ? "gives none" : readme === reached ? "says the same" : `says ${readme}`;
  return html`<dl class="facts">
<div><dt>Status</dt><dd><b>${reached} of 5</b>${missing.length > 0 && `, lacks ${missing.join(", ")}`}</dd></div>
<div><dt>README</dt><dd>${claim}</dd></div>
</dl>`;
}
