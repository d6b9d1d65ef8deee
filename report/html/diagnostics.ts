import { abridge } from "../../lib/plain-text.ts";
import type { RunResult } from "../../lifecycle/result.ts";
import { html, type Markup } from "./template.ts";
import { textBlock } from "./words.ts";

const TAIL_LIMIT = 64_000;
/** So many stand open when the run is not green; the rest opens on a click. */
const OPEN = 3;

/** A way to what is no log: it lies beside the page, which loads nothing itself. */
function beside(file: string): Markup | undefined {
  return file.startsWith("browser-") ? html`<p><a href="${encodeURIComponent(file)}">${file}</a></p>` : undefined;
}

/** The last lines of logs and listings saved before teardown. */
export function diagnostics(result: RunResult): Markup | undefined {
  if (result.diagnostics.length === 0) return undefined;
  const red = result.verdict !== "pass";
  return html`<section aria-labelledby="diagnostics">
<h2 id="diagnostics">Logs and listings</h2>
<p class="note">Saved before teardown. These are the last lines; the whole lies in the run's folder.</p>
${result.diagnostics.map(
  ({ title, file, tail }, index) => html`<details class="card" ${red && index < OPEN && html`open`}>
<summary><span class="what">${title}<code>${file}</code></span></summary>
<div class="detail">${beside(file)}${tail === "" ? html`<p class="note">Empty.</p>` : textBlock(abridge(tail, TAIL_LIMIT), title)}</div>
</details>
`,
)}
</section>`;
}
