import type { RunResult } from "../../lifecycle/result.ts";
import { html, type Markup } from "./template.ts";

/** What a reader must know beside the checks: warnings, what this node could not do, images not the real ones. */
export function remarks({ warnings, adaptations, standIns }: RunResult): Markup {
  return html`${
    warnings.length > 0 &&
    list(
      "warnings",
      "Warnings about the recipe",
      "They did not fail a check.",
      warnings.map((text) => html`<p>${text}</p>`),
    )
  }
${
  adaptations.length > 0 &&
  list(
    "adaptations",
    "Adapted to this node",
    "Where the node cannot do what the recipe asks, this was done instead.",
    adaptations.map(
      ({ subject, change, reason }) =>
        html`<p><code>${subject}</code> <b>${change}</b></p><p class="soft">${reason}</p>`,
    ),
  )
}
${
  standIns.length > 0 &&
  list(
    "stand-ins",
    "Stand-ins for images",
    "Built locally under the upstream name, as the real image could not be pulled.",
    standIns.map(
      ({ image, builtFrom, reason }) =>
        html`<p><code>${image}</code> built from <b>${builtFrom}</b></p><p class="soft">${reason}</p>`,
    ),
  )
}`;
}

function list(id: string, title: string, note: string, items: Markup[]): Markup {
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
<p class="note">${note}</p>
<ul class="remarks">${items.map((item) => html`<li>${item}</li>`)}</ul>
</section>`;
}
