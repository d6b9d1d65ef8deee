import { humanize } from "../../lib/duration.ts";
import type { PhaseResult, RunResult } from "../../lifecycle/result.ts";
import { isIdle, overhead } from "../tally.ts";
import { STATUSES } from "../verdict-words.ts";
import { html, type Markup } from "./template.ts";
import { statusMark } from "./words.ts";

const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200];
const MOST_TICKS = 6;

/** The phases over time: each a bar, with what its containers took as a second bar in it. */
export function timeline(result: RunResult): Markup {
  const ends = result.phases.map(({ startMs, durationMs }) => startMs + durationMs);
  const spanMs = Math.max(result.durationMs, ...ends, 1);
  const ticks = ticksOf(spanMs);
  return html`<section aria-labelledby="phases">
<h2 id="phases">Phases</h2>
<p class="legend" aria-hidden="true"><span><i class="key whole"></i>whole phase</span><span><i class="key containers"></i>of it the containers, from start to healthy</span></p>
<ol class="timeline">
${result.phases.map((phase) => row(phase, spanMs, ticks))}
</ol>
${axis(ticks, spanMs)}
</section>`;
}

function row(phase: PhaseResult, spanMs: number, ticks: number[]): Markup {
  return html`<li class="${STATUSES[phase.status].tone}">
<span class="name">${statusMark(phase.status)}<a href="#phase-${phase.name}">${phase.name}</a></span>
${took(phase)}
<svg class="track${isIdle(phase) && " idle"}" width="100%" height="22" aria-hidden="true">
${ticks.map((tick) => html`<line class="grid" x1="${percent(tick, spanMs)}" x2="${percent(tick, spanMs)}" y1="0" y2="100%"/>`)}
${bars(phase, spanMs)}
</svg>
</li>
`;
}

function bars(phase: PhaseResult, spanMs: number): Markup | undefined {
  if (phase.durationMs <= 0) return undefined;
  const x = percent(phase.startMs, spanMs);
  const inner = Math.min(phase.containerMs ?? 0, phase.durationMs);
  return html`<rect class="whole" x="${x}" y="4" width="${percent(phase.durationMs, spanMs)}" height="14" rx="3"/>
${inner > 0 && html`<rect class="containers" x="${x}" y="8" width="${percent(inner, spanMs)}" height="6" rx="2"/>`}`;
}

function took(phase: PhaseResult): Markup {
  if (isIdle(phase)) return html`<span class="total soft">${STATUSES[phase.status].label}</span>`;
  const ratio = overhead(phase.durationMs, phase.containerMs);
  const containers =
    phase.containerMs !== undefined &&
    html`<span class="inner soft">containers ${humanize(phase.containerMs)}${ratio && ` · ${ratio}×`}</span>`;
  return html`<b class="total">${humanize(phase.durationMs)}</b>${containers}`;
}

function axis(ticks: number[], spanMs: number): Markup {
  return html`<svg class="axis" width="100%" height="18" aria-hidden="true">${ticks.map(
    (tick) =>
      html`<text x="${percent(tick, spanMs)}" y="13" text-anchor="${tick === 0 ? "start" : "middle"}">${clock(tick)}</text>`,
  )}</svg>`;
}

/** Round times from 0 up to near the end, in milliseconds: at most six. */
function ticksOf(spanMs: number): number[] {
  const spanS = spanMs / 1000;
  const step = STEPS_S.find((seconds) => spanS / seconds < MOST_TICKS) ?? Math.ceil(spanS / MOST_TICKS);
  const ticks: number[] = [];
  for (let at = 0; at <= spanS * 0.97; at += step) ticks.push(at * 1000);
  return ticks;
}

/** `0 s`, `45 s`, `2:30`. */
function clock(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function percent(ms: number, spanMs: number): string {
  return `${((100 * Math.max(0, ms)) / spanMs).toFixed(3)}%`;
}
