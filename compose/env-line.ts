export interface LineParts {
  key: string;
  /** As written, quotes included. */
  value: string;
  /** What follows the `#`. */
  comment: string;
}

/** Cuts `KEY=value # comment`; undefined when there is no `=`. A `#` inside quotes belongs to the value. */
export function splitLine(line: string): LineParts | undefined {
  const equals = line.indexOf("=");
  if (equals < 0) return undefined;
  const rest = line.slice(equals + 1).trim();
  const [value, comment] = cutComment(rest);
  return { key: line.slice(0, equals).trim(), value: value.trim(), comment: comment.trim() };
}

function cutComment(rest: string): [string, string] {
  const quote = rest[0];
  if (quote === "'" || quote === '"') {
    for (let end = rest.indexOf(quote, 1); end > 0; end = rest.indexOf(quote, end + 1)) {
      const tail = rest.slice(end + 1).trim();
      if (tail === "" || tail.startsWith("#")) return [rest.slice(0, end + 1), tail.slice(1)];
    }
  }
  const hash = rest.indexOf("#");
  return hash < 0 ? [rest, ""] : [rest.slice(0, hash), rest.slice(hash + 1)];
}

/** Takes the quotes off. Double quotes know `\n`, `\r` and escapes; single quotes know nothing. */
export function unquote(value: string): { value: string; expand: boolean } {
  if (value.length < 2) return { value, expand: false };
  const inner = value.slice(1, -1);
  if (value.startsWith("'") && value.endsWith("'")) return { value: inner, expand: false };
  if (!(value.startsWith('"') && value.endsWith('"'))) return { value, expand: true };
  const unescaped = inner.replace(/\\([^$])/g, (_, character: string) =>
    character === "n" ? "\n" : character === "r" ? "\r" : character,
  );
  return { value: unescaped, expand: true };
}

/** Puts earlier variables in place of `$VAR` and `${VAR}`; an unknown one gives nothing, `\$` a dollar. */
export function expandVariables(value: string, known: Readonly<Record<string, string>>): string {
  return value.replace(
    /(\\)?\$(\()?\{?([A-Z0-9_]+)?\}?/g,
    (match, escaped: string | undefined, command: string | undefined, name: string | undefined) => {
      if (escaped || command) return match.slice(1);
      if (name === undefined) return match;
      return Object.hasOwn(known, name) ? (known[name] ?? "") : "";
    },
  );
}
