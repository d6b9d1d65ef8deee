import { isUtf8 } from "node:buffer";
import { UserError, UserErrors } from "../../lib/errors.ts";

/**
 * Characters that go-yaml and other readers of YAML take differently: a line end to the one is a letter to the other
 * (U+0085, U+2028, U+2029, a lone carriage return), or a mark that go-yaml skips where a line begins (U+FEFF). And
 * those that go-yaml refuses without saying where (its yaml_parser_update_buffer).
 */
const REFUSED = /\r(?!\n)|[^\P{Cc}\t\n\r]|[\u2028\u2029\ufeff\ufffe\uffff]/gu;

/**
 * A compose file's bytes as text, without the byte order mark that docker/cli skips as well.
 *
 * What is looked for in a compose file before docker/cli runs is looked for in this text. So it must not hold a line
 * that only docker/cli sees.
 * @throws UserErrors for what is no UTF-8, and for characters that are not taken, with their lines
 */
export function composeText(bytes: Buffer, file: string): string {
  if (!isUtf8(bytes)) throw new UserErrors([notUtf8(bytes, file)]);
  const text = bytes.toString("utf8").replace(/^\ufeff/, "");
  const lines = new Map<number, string>();
  for (const { 0: character, index } of text.matchAll(REFUSED)) {
    const line = lineAt(text, index);
    if (!lines.has(line)) lines.set(line, character);
    // Each is counted from the start of the text.
    if (lines.size === 10) break;
  }
  if (lines.size > 0) throw new UserErrors([...lines].map(([line, found]) => refused(found, { file, line })));
  return text;
}

/** The line a character of a text is on, counted from 1. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let end = text.indexOf("\n"); end >= 0 && end < offset; end = text.indexOf("\n", end + 1)) line++;
  return line;
}

function notUtf8(bytes: Buffer, file: string): UserError {
  const lines = bytes.toString("latin1").split("\n");
  const line = lines.findIndex((one) => !isUtf8(Buffer.from(one, "latin1"))) + 1;
  const what = bytes.subarray(0, 2).toString("hex");
  return new UserError(/fffe|feff/.test(what) ? "is UTF-16" : "is no UTF-8 text", {
    place: { file, line: line || undefined },
    remedy: "save the file as UTF-8",
  });
}

function refused(character: string, place: { file: string; line: number }): UserError {
  const code = `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
  return new UserError(`holds ${code}, which not every reader of YAML takes alike`, {
    place,
    remedy: 'end lines with a line feed, and write other such characters in double quotes by their code: "\\u2028"',
  });
}
