/** An attribute that leads somewhere, in any of the quotes of HTML. */
const HREF = /\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/gi;
const URL_IN_TEXT = /\bhttps?:\/\/[^\s<>"']+/gi;
/** What ends a sentence is no part of the address that stands there. */
const END_OF_SENTENCE = /[.,;:!?)\]]+$/;

/** Addresses of http and https that a mail leads to: of its HTML, then of its text, each once. */
export function linksIn(html: string, text: string): string[] {
  const hrefs = [...html.matchAll(HREF)].map(([, double, single, bare]) => decoded(double ?? single ?? bare ?? ""));
  const plain = [...text.matchAll(URL_IN_TEXT)].map(([url]) => url.replace(END_OF_SENTENCE, ""));
  return [...new Set([...hrefs.filter((url) => /^https?:\/\//i.test(url)), ...plain])];
}

/** References to characters that occur in addresses. */
function decoded(attribute: string): string {
  const named: Record<string, string> = { amp: "&", quot: '"', apos: "'", lt: "<", gt: ">" };
  return attribute.trim().replace(/&(?:#(\d+)|#x([0-9a-f]+)|(amp|quot|apos|lt|gt));/gi, (_, decimal, hex, name) => {
    if (name) return named[String(name).toLowerCase()] ?? "";
    return String.fromCodePoint(decimal ? Number(decimal) : Number.parseInt(hex, 16));
  });
}
