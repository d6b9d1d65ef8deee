import { maskedText } from "./mask.ts";
import { endsSensitive, HIDDEN, isHarmless, isSensitive } from "./sensitive.ts";

const ASSIGNMENT =
  /^(\s*(?:-\s{1,8}|export\s{1,8}|set\s{1,8})?["'$]?)([A-Za-z_][\w.-]{0,120})(["']?\s{0,80}(?:=>|=|:(?!\/\/))\s{0,80})(.*)$/s;
/** `requirepass x`, `SetEnv DB_PASSWORD "x"`: a name, a space, and one word to the end of the line. */
const DIRECTIVE =
  /^(\s*([\w-]{1,40}\s{1,8})?["'$]?([A-Za-z_][\w.-]{0,120})["']?\s{1,80})(["']?[^\s"'({[<,]{1,500}?["']?)([\s;]{0,20})$/;
const DEFINE = /(define\(\s{0,8}["']([\w.-]{1,120})["'],\s{0,8})("[^"]*"|'[^']*')/g;
const ELEMENT = /<([A-Za-z_][\w.-]{0,120})>([^<]+)(?=<\/)/g;
const BEGIN_KEY = /-----BEGIN [A-Z ]{0,40}PRIVATE KEY/;
const END_KEY = /-----END /;
const BLOCK = /^[|>][+-]?\d?[+-]?\s*(?:#.*)?$/;

/** What the lines that follow belong to. */
interface Open {
  /** `key`: up to its end line; `block`: whatever is indented deeper; `values`: of that, what names nothing itself. */
  kind: "key" | "block" | "values";
  indent: number;
}

/** The text of a config file, line by line as it may be shown; as many lines as there were. */
export function maskedLines(text: string): string {
  let open: Open | undefined;
  return text
    .split("\n")
    .map((line) => {
      const belongs = open && belongsTo(open, line);
      if (open?.kind === "key" && END_KEY.test(line)) open = undefined;
      else if (!belongs) open = opens(line);
      return belongs || open?.kind === "key" ? hiddenLine(line) : maskedLine(line);
    })
    .join("\n");
}

function belongsTo({ kind, indent }: Open, line: string): boolean {
  if (kind === "key") return true;
  if (line.trim() === "") return true;
  return indentOf(line) > indent && (kind === "block" || !/^\s*(?:-\s+)?["']?[\w.-]+["']?\s*[:=]/.test(line));
}

function opens(line: string): Open | undefined {
  if (BEGIN_KEY.test(line)) return END_KEY.test(line) ? undefined : { kind: "key", indent: 0 };
  const [, , name = "", , rest = ""] = ASSIGNMENT.exec(line) ?? [];
  if (!isSensitive(name)) return undefined;
  if (BLOCK.test(rest)) return { kind: "block", indent: indentOf(line) };
  return rest.trim() === "" ? { kind: "values", indent: indentOf(line) } : undefined;
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

function hiddenLine(line: string): string {
  return line.trim() === "" ? line : `${line.slice(0, indentOf(line))}${HIDDEN}`;
}

function maskedLine(line: string): string {
  if (BEGIN_KEY.test(line)) return hiddenLine(line);
  const [, start = "", name = "", sign = "", rest = ""] = ASSIGNMENT.exec(line) ?? [];
  if (name && isSensitive(name) && !/^["'{[(]|^$/.test(rest) && !BLOCK.test(rest)) {
    const value = rest.replace(/[,;\s]+$/, "");
    return isHarmless(value) ? line : `${start}${name}${sign}${HIDDEN}${rest.slice(value.length)}`;
  }
  return maskedText(maskedForms(line));
}

function maskedForms(line: string): string {
  return line
    .replace(DEFINE, (whole, before: string, name: string, value: string) =>
      isSensitive(name) && !isHarmless(value.slice(1, -1)) ? `${before}"${HIDDEN}"` : whole,
    )
    .replace(ELEMENT, (whole, name: string, value: string) =>
      isSensitive(name) && !isHarmless(value) ? `<${name}>${HIDDEN}` : whole,
    )
    .replace(DIRECTIVE, (whole, before: string, lead: string | undefined, name: string, value: string, end: string) => {
      // After another word it may be a sentence: a secret has quotes, or more than letters.
      const spoken = lead !== undefined && /^[a-z]+[.?!]?$/i.test(value);
      const harmless = spoken || !endsSensitive(name) || isHarmless(value.replace(/^["']|["']$/g, ""));
      return harmless ? whole : `${before}${HIDDEN}${end}`;
    });
}
