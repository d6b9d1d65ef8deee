import type { DeploymentResult, NodeInfo, RunResult } from "../../lifecycle/result.ts";
import { dependenciesOf, versionName } from "../tally.ts";
import { html, type Markup, type Value } from "./template.ts";

/** What was tested and where: versions with their commits and images, the domain, the node. */
export function setting(result: RunResult): Markup {
  return html`<section aria-labelledby="setting">
<h2 id="setting">Versions and node</h2>
${images(result)}
<dl class="facts">
${fact("Recipe", html`<code>${result.source.location}</code>`)}
${fact("At commit", html`<code>${result.source.commit}</code>`)}
${result.base && fact("Base", html`${versionName(result.base)} <code>${result.base.commit}</code>`)}
${fact("Head", html`${versionName(result.head)} <code>${result.head.commit}</code>`)}
${dependenciesOf(result).map(needed)}
${result.domain && fact("Domain", html`<code>${result.domain}</code>`)}
${fact("Namespace", html`<code>${result.namespace}</code>`)}
${fact("Node", node(result.node))}
${fact("Can do", capabilities(result.node.capabilities))}
</dl>
</section>`;
}

function needed(one: DeploymentResult): Markup {
  const { recipe, domain, commit } = one;
  return fact("Needs", html`${recipe} ${versionName(one)} <code>${commit}</code> at <code>${domain}</code>`);
}

function node({ kind, place, engineVersion, apiVersion }: NodeInfo): string {
  const where = place ? `${kind}, ${place}` : kind;
  return engineVersion ? `${where}, Docker ${engineVersion}, API ${apiVersion}` : `${kind}, never asked`;
}

function fact(term: string, value: Value): Markup {
  return html`<div><dt>${term}</dt><dd>${value}</dd></div>`;
}

function images({ base, head }: RunResult): Markup {
  const services = [...new Set([...Object.keys(base?.images ?? {}), ...Object.keys(head.images)])].sort();
  return html`<table class="images">
<thead><tr><th scope="col">Service</th>${base && html`<th scope="col">Base ${versionName(base)}</th>`}<th scope="col">Head ${versionName(head)}</th></tr></thead>
<tbody>${services.map((service) => {
    const [from, to] = [base?.images[service], head.images[service]];
    return html`<tr class="${base && from !== to && "changed"}"><th scope="row">${service}</th>${
      base && html`<td data-label="base"><code>${from ?? "–"}</code></td>`
    }<td data-label="head"><code>${to ?? "–"}</code></td></tr>`;
  })}</tbody>
</table>`;
}

function capabilities(all: Record<string, boolean>): Markup {
  const entries = Object.entries(all);
  if (entries.length === 0) return html`<span class="soft">not looked at</span>`;
  return html`<ul class="capabilities">${entries.map(
    ([name, able]) =>
      html`<li class="${able ? "good" : "quiet"}"><span aria-hidden="true">${able ? "✓" : "✗"}</span> ${name}${!able && html`<span class="unseen"> missing</span>`}</li>`,
  )}</ul>`;
}
