/** One `KEY=value` of an env file, as it is written. */
export interface Assignment {
  key: string;
  /** Without quotes and comment, escapes undone; variables are not put in yet. */
  value: string;
  /** Whether `$VAR` stands for a variable: it does not in single quotes. */
  expands: boolean;
  /** What follows the `#`. */
  comment: string;
  /** What abra makes of it that hardly anyone means. */
  warning?: string;
  /** Where the text after it begins. */
  end: number;
}

/** Text that abra stops at. */
export interface NoAssignment {
  problem: string;
  remedy: string;
  /** Where reading may go on, to find what else is wrong. */
  end: number;
}

// The spaces of godotenv 1.5.1 that don't end a line; the last two are NEL and the no-break space.
const KEY =
  /(?:export[\t\v\f\r \u0085\u00a0]+)?([\w.](?:[\w. \t]*[\w.])?)[\t\v\f\r \u0085\u00a0]*[=:][\t\v\f\r \u0085\u00a0]*/y;
const SPACES_AROUND = /^[\t\v\f\r \u0085\u00a0]+|[\t\v\f\r \u0085\u00a0]+$/g;
const LAST_COMMENT = /^(.*[\t\v\f\r \u0085\u00a0])#(.*)$/s;
const LOOKS_LIKE_COMMENT = /[\t\v\f\r \u0085\u00a0]#/;
const COMMENT_AFTER_QUOTES = /[\t\v\f\r \u0085\u00a0]*#([^\n]*)/y;

/**
 * Reads `KEY=value # comment` at an offset of a text whose lines end in `\n`, as godotenv 1.5.1 does: `export` and
 * `KEY: value` are taken, quotes may span lines, and what follows a closed quote is the next assignment.
 */
export function readAssignment(text: string, start: number): Assignment | NoAssignment {
  KEY.lastIndex = start;
  const match = KEY.exec(text);
  if (!match) {
    const remedy = "write KEY=value, or a # before what is only a remark";
    return { problem: "no assignment: expected KEY=value", remedy, end: lineEnd(text, start) };
  }
  const from = KEY.lastIndex;
  const key = match[1] ?? "";
  const quote = text[from];
  const value = quote === '"' || quote === "'" ? quoted(text, from, quote) : bare(text, from);
  if ("problem" in value) return value;
  const warning = /[ \t]/.test(key) ? "the name of the variable has a space in it" : value.warning;
  return { key, ...value, warning };
}

/** Where the line that an offset is on ends. */
export function lineEnd(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}

/**
 * Puts earlier variables in place of `$VAR` and `${VAR}`; an unknown one gives nothing, `\$` a dollar. Undefined when
 * the result grows longer than `limit` characters.
 */
export function expandVariables(
  value: string,
  known: Readonly<Record<string, string>>,
  limit: number,
): string | undefined {
  const pieces: string[] = [];
  let length = 0;
  let end = 0;
  for (const match of value.matchAll(/(\\)?\$\(?\{?([A-Z0-9_]+)?\}?/g)) {
    const piece = value.slice(end, match.index) + expanded(match, known);
    length += piece.length;
    if (length > limit) return undefined;
    pieces.push(piece);
    end = match.index + match[0].length;
  }
  return pieces.join("") + value.slice(end);
}

function expanded([text, escaped, name]: RegExpMatchArray, known: Readonly<Record<string, string>>): string {
  if (escaped) return text.slice(1);
  if (name === undefined) return text;
  return Object.hasOwn(known, name) ? (known[name] ?? "") : "";
}

type Value = Omit<Assignment, "key">;

/** Up to the end of the line; of several ` #` the last one begins the comment, and none at the very front. */
function bare(text: string, from: number): Value {
  const rest = text.slice(from, lineEnd(text, from));
  const line = rest.split("\r", 1)[0] ?? "";
  const [, before = line, comment = ""] = LAST_COMMENT.exec(line) ?? [];
  const value = before.replace(SPACES_AROUND, "");
  const front = value.startsWith("#") && (/^#\s/.test(value) || /\s/.test(text[from - 1] ?? ""));
  const warning =
    front || LOOKS_LIKE_COMMENT.test(value)
      ? `"${value.slice(0, 60)}" looks like a comment, and is the value to abra`
      : undefined;
  return { value, expands: true, comment, warning, end: from + line.length };
}

function quoted(text: string, from: number, quote: string): Value | NoAssignment {
  let end = text.indexOf(quote, from + 1);
  while (end > 0 && text[end - 1] === "\\") end = text.indexOf(quote, end + 1);
  if (end < 0) {
    const remedy = `close it, or put the value into the other quotes if ${quote} is part of it`;
    return { problem: `the quote ${quote} is never closed`, remedy, end: text.length };
  }
  const inner = text.slice(from + 1, end);
  // It trims every quote at either end, one that belongs to the value as well.
  const value = inner.replace(quote === '"' ? /"+$/ : /'+$/, "");
  const warning = value === inner ? undefined : "abra loses the escaped quote at the end of the value";
  COMMENT_AFTER_QUOTES.lastIndex = end + 1;
  const comment = COMMENT_AFTER_QUOTES.exec(text);
  const common = { comment: comment?.[1] ?? "", warning, end: comment ? COMMENT_AFTER_QUOTES.lastIndex : end + 1 };
  if (quote === "'") return { value, expands: false, ...common };
  return { value: unescaped(value), expands: true, ...common };
}

/** `\n` and `\r`, and any other escaped character for itself; `\$` is left to the expansion. */
function unescaped(value: string): string {
  return value.replace(/\\([^$])/g, (_, character: string) =>
    character === "n" ? "\n" : character === "r" ? "\r" : character,
  );
}
