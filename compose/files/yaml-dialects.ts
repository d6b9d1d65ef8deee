import { isAlias, isCollection, isScalar, type Node } from "yaml";

/** A name of an anchor as go-yaml takes it; it ends one at any other letter. */
const ANCHOR = /^[\w-]+$/;
/** A colon that go-yaml reads as part of the text before it. */
const GLUED_COLON = /\s*:[,[\]{}]/y;
/** A line end taken away, and another one that go-yaml keeps. */
const ESCAPED_BLANK_LINE = /\\\r?\n[ \t]*\r?\n/;

/**
 * What go-yaml reads otherwise than YAML has it, found by comparing the two on a million made-up texts; undefined for
 * what both take alike. Each of them could name a key, such as `{?env_file: x}`, that only docker/cli sees.
 * @param text of the whole file
 * @param flow whether the node is in `{}` or `[]`
 */
export function readTwoWays(node: Node, text: string, flow: boolean): string | undefined {
  const anchor = isAlias(node) ? node.source : isScalar(node) || isCollection(node) ? node.anchor : undefined;
  if (anchor !== undefined && !ANCHOR.test(anchor)) return `anchor ${anchor} has other than letters, digits, - and _`;
  if (!isScalar(node) || !node.range) return undefined;
  const [start, end] = node.range;
  if (node.type === "QUOTE_DOUBLE" && ESCAPED_BLANK_LINE.test(text.slice(start, end))) {
    return "a backslash goes before an empty line";
  }
  if (node.type !== "PLAIN" || !flow) return undefined;
  GLUED_COLON.lastIndex = end;
  if (GLUED_COLON.test(text)) return "a colon in {} or [] has no white space after it";
  return /^[?:]/.test(text.slice(start, start + 1)) ? "a text in {} or [] begins with ? or :" : undefined;
}
