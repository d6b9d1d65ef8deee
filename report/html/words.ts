import type { Status } from "../../lifecycle/result.ts";
import { STATUSES } from "../verdict-words.ts";
import { html, type Markup } from "./template.ts";

const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });

/** An ISO 8601 time as people write it, in UTC; as it is when it is none. */
export function moment(iso: string): Markup {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return html`${iso}`;
  return html`<time datetime="${iso}">${MOMENT.format(date)} UTC</time>`;
}

/** A status as a mark in its colour; its word is there for those who do not see it. */
export function statusMark(status: Status): Markup {
  const { mark, label, tone } = STATUSES[status];
  return html`<span class="mark ${tone}" aria-hidden="true">${mark}</span><span class="unseen">${label}: </span>`;
}

/** The id of a check's place in the page. */
export function checkId(name: string): string {
  return `check-${name.replace(/[^A-Za-z0-9._-]/g, "-")}`;
}

/** A block of foreign text. It scrolls when long, and can be reached by keyboard for that. */
export function textBlock(text: string, label: string): Markup {
  return html`<pre tabindex="0" role="region" aria-label="${label}">${text}</pre>`;
}
