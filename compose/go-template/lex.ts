/** A template that Go's own parser would refuse: what it says, in our words, and the line, counted from 1. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

export type TokenKind =
  | "text"
  | "open"
  | "close"
  | "space"
  | "word"
  | "variable"
  | "field"
  | "dot"
  | "string"
  | "constant"
  | "symbol"
  | "end of file";

export interface Token {
  kind: TokenKind;
  text: string;
  line: number;
}

/** After a name stands a space, a sign, or the end of the action. */
const END = String.raw`(?=[\s.,|:()]|\}\}|$)`;

/** What can stand within `{{ }}`; the first that matches is meant. */
const TOKENS: readonly (readonly [TokenKind, RegExp])[] = [
  ["close", /[ \t\r\n]-\}\}|\}\}/y],
  ["space", /[ \t\r\n]+?(?=[ \t\r\n]-\}\})|[ \t\r\n]+/y],
  ["string", /"(?:[^"\\\n]|\\.)*"|`[^`]*`/y],
  ["constant", /'(?:[^'\\\n]|\\(?:[abfnrtv\\']|x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{3}))'/uy],
  ["variable", new RegExp(String.raw`\$[\p{L}\p{Nd}_]*${END}`, "uy")],
  ["field", new RegExp(String.raw`\.[\p{L}_][\p{L}\p{Nd}_]*${END}`, "uy")],
  ["constant", /[+-]?\.?\d(?:[eEpP][+-]|[\w.])*/y],
  ["dot", /\./y],
  ["word", new RegExp(String.raw`[\p{L}_][\p{L}\p{Nd}_]*${END}`, "uy")],
  ["symbol", /:=|[=|(),]/y],
];

/**
 * Cuts a Go template into text and what stands within `{{ }}` (text/template/parse/lex.go). Comments are left out.
 * @throws TemplateError for what no token begins with, and for an action, a comment or a text in quotes without end
 */
export function* tokensOf(template: string): Generator<Token> {
  let line = 1;
  let at = 0;
  const token = (kind: TokenKind, text: string): Token => {
    const made = { kind, text, line };
    for (let found = text.indexOf("\n"); found >= 0; found = text.indexOf("\n", found + 1)) line++;
    at += text.length;
    return made;
  };
  while (at < template.length) {
    const open = template.indexOf("{{", at);
    yield token("text", template.slice(at, open < 0 ? template.length : open));
    if (open < 0) break;
    const comment = commentAt(template, at, line);
    if (comment !== undefined) {
      token("text", comment);
      continue;
    }
    yield token("open", startsTrimmed(template, at) ? template.slice(at, at + 3) : "{{");
    let last: Token;
    do {
      last = nextIn(template, at, line);
      yield token(last.kind, last.text);
    } while (last.kind !== "close");
  }
  yield token("end of file", "");
}

/** `{{- ` takes the white space before it away. */
function startsTrimmed(template: string, at: number): boolean {
  return /^\{\{-[ \t\r\n]/.test(template.slice(at, at + 4));
}

function commentAt(template: string, at: number, line: number): string | undefined {
  const begin = at + (startsTrimmed(template, at) ? 4 : 2);
  if (!template.startsWith("/*", begin)) return undefined;
  const end = template.indexOf("*/", begin + 2);
  if (end < 0) throw new TemplateError("a comment has no end", line);
  const close = /^(?:[ \t\r\n]-)?\}\}/.exec(template.slice(end + 2, end + 6));
  if (!close) throw new TemplateError("a comment is not alone within its {{ }}", line);
  return template.slice(at, end + 2 + close[0].length);
}

function nextIn(template: string, at: number, line: number): Token {
  for (const [kind, pattern] of TOKENS) {
    pattern.lastIndex = at;
    const text = pattern.exec(template)?.[0];
    if (text) return { kind, text, line };
  }
  if (at >= template.length) throw new TemplateError("a {{ has no }}", line);
  const found = template.slice(at, at + 12).split("\n")[0];
  throw new TemplateError(`${JSON.stringify(found)} can't stand there`, line);
}
