import { plainText } from "../../lib/plain-text.ts";

/** HTML that may be put into a page as it is: only {@link html} and {@link trusted} make it. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What a template takes: text is escaped, markup kept, lists joined, `undefined` and `false` leave nothing. */
export type Value = string | number | Markup | undefined | false | readonly Value[];

/**
 * A tagged template that escapes all it is given, so that a recipe's log can hold any markup and stays text.
 * Values are safe in text and in quoted attributes; they never belong into a tag's or an attribute's name,
 * a URL, `<style>` or `<script>`.
 */
export function html(literals: TemplateStringsArray, ...values: Value[]): Markup {
  return new Markup(literals.map((literal, index) => literal + textOf(values[index])).join(""));
}

/** Marks text of our own (never foreign text) as HTML. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

function textOf(value: Value): string {
  if (value === undefined || value === false) return "";
  if (value instanceof Markup) return value.text;
  if (typeof value === "object") return value.map(textOf).join("");
  return escaped(String(value));
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escaped(text: string): string {
  return plainText(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
