import { plainText } from "../lib/plain-text.ts";

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
/** What XML 1.0 does not let into a document in any form (https://www.w3.org/TR/xml/#charsets): lone surrogates too. */
const ILLEGAL = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

/** Text between two tags. */
export function xmlText(text: string): string {
  return plainText(text)
    .replace(ILLEGAL, "�")
    .replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}

/** Attributes with a leading space each; undefined ones are left out. Line breaks survive a parser's normalisation. */
export function xmlAttributes(attributes: Record<string, string | number | undefined>): string {
  return Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${xmlText(String(value)).replaceAll("\n", "&#10;").replaceAll("\t", "&#9;")}"`)
    .join("");
}
