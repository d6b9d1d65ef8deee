import type { Change } from "../../diff/change.ts";
import { plural } from "../../lib/plural.ts";
import type { RunResult } from "../../lifecycle/result.ts";
import { byArea, type ChangeGroup, countChanges, KIND_MARKS, SEVERITY_TONES } from "../changes.ts";
import { html, type Markup } from "./template.ts";
import { textBlock } from "./words.ts";

/** So many changes are shown at once; of more, only groups with something to look at stand open. */
const OPEN = 12;

/** What the upgrade from base to head changes, by area; nothing without a base. */
export function changes({ changes: all }: RunResult): Markup | undefined {
  if (!all) return undefined;
  return html`<section aria-labelledby="changes">
<h2 id="changes">What the upgrade changes</h2>
<p class="note">From base to head, as the recipe asks for it: ${countChanges(all)}.</p>
${byArea(all).map((group) => groupOf(group, all.length <= OPEN))}
</section>`;
}

function groupOf({ area, title, changes: some }: ChangeGroup, open: boolean): Markup {
  const flagged = some.some(({ severity }) => severity !== "info");
  return html`<details class="card changes" id="changes-${area}" ${(open || flagged) && html`open`}>
<summary><span class="what">${title}<span class="soft count">${plural(some.length, "change")}</span></span></summary>
<ul>${some.map(changeItem)}</ul>
</details>
`;
}

const KIND_WORDS: Record<Change["kind"], string> = { added: "new", removed: "gone", changed: "changed" };

function changeItem({ area, subject, kind, before, after, diff, note, severity }: Change): Markup {
  const flagged = severity !== "info";
  return html`<li class="${SEVERITY_TONES[severity]}">
<span class="mark" aria-hidden="true">${KIND_MARKS[kind]}</span><div>
<p><code class="subject">${subject}</code> <span class="unseen">${KIND_WORDS[kind]}</span></p>
${(before !== undefined || after !== undefined) && html`<p class="values">${values(before, after)}</p>`}
${note !== undefined && html`<p class="remark">${flagged && html`<b>${severity}:</b> `}${note}</p>`}
${diff !== undefined && textBlock(diff, `Difference of ${area} ${subject}`)}
</div></li>`;
}

function values(before: string | undefined, after: string | undefined): Markup {
  const value = (text: string) => html`<code>${text === "" ? "(empty)" : text}</code>`;
  if (before === undefined || after === undefined) return value(before ?? after ?? "");
  return html`${value(before)} <span class="soft" aria-hidden="true">→</span><span class="unseen"> to </span> ${value(after)}`;
}
