import { maskedArguments, maskedWords } from "./mask-arguments.ts";
import { HIDDEN, isHarmless, isSensitive, namesUsers } from "./sensitive.ts";

/** A login of an address: `scheme://user:password@`. */
const URL_PASSWORD = /(:\/\/[^\s/:@]*:)([^\s/@]+)(?=@)/g;
const AUTHORIZATION = /(authorization["']?\s{0,8}[:=]\s{0,8}["']?[a-z]{1,20}\s{1,8})([^\s"']+)/gi;
/** Two texts with a colon between, that is none of an address. */
const PAIR = /(?<![^\s,;|])([\w.@+-]+):(?!\/\/)([^\s,;|:]+)(?![^\s,;|])/g;
/** What SQL calls a password. */
const QUOTED = /\b((?:identified\s{1,8}by|password)\s{1,8})(["'])([^"']*)(?=["'])/gi;
/** What is a secret by its own form: password hashes, signed tokens, tokens of well-known services. */
const MATERIAL =
  /\$(?:apr1|2[abxy]|5|6|y|argon2\w{0,3})\$[\w./$=,+-]{2,}|\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*|\b(?:gh[pousr]_\w{20,}|glpat-[\w-]{20,}|xox[abpr]-[\w-]{10,}|AKIA[0-9A-Z]{16}|sk_live_\w{16,})/g;
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY/;
/** The name of an assignment and its sign; what is assigned is read by {@link VALUE}. */
const NAME = /(?<![\w.])["']?([A-Za-z_][\w.-]{0,120})(?:["'] {0,8}:\s{0,8}|["']?\]?\s{0,8}=>?\s{0,8}|["']?:\s{1,8})/g;
const VALUE =
  /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(\(hidden\)|\{\{[^}]{0,500}\}\}|\$\([^)]{0,500}\)|\[[^\]]{0,2000}\]|[^\s,;&"'{}[\]]+)/y;

/** A value as it may be shown: hidden as a whole where its name or its form says secret, else its passwords taken out. */
export function masked(name: string, value: string): string {
  if (isHarmless(value)) return value;
  if (isSensitive(name) || PRIVATE_KEY.test(value)) return HIDDEN;
  return maskedText(namesUsers(name) ? maskedPairs(value) : value);
}

/** `user:password` alone or in a list; two numbers or twice the same word are a user and a group, a number a port. */
function maskedPairs(value: string): string {
  return value.replace(PAIR, (whole, user: string, password: string) =>
    /^\d+$/.test(password) || password === user || isHarmless(password) ? whole : `${user}:${HIDDEN}`,
  );
}

/** A command, an address or any other text without the passwords in it. */
export function maskedText(text: string): string {
  return maskedWords(maskedForms(text));
}

/** The arguments of a command without the passwords in them. */
export function maskedList(argv: readonly string[]): string[] {
  return maskedArguments(argv).map((argument) => (argument === HIDDEN ? argument : maskedText(argument)));
}

function maskedForms(text: string): string {
  const hide = (whole: string, before: string, secret: string) => (isHarmless(secret) ? whole : before + HIDDEN);
  return maskedAssignments(
    text
      .replace(URL_PASSWORD, hide)
      .replace(AUTHORIZATION, hide)
      .replace(QUOTED, (whole, before: string, quote: string, secret: string) => hide(whole, before + quote, secret))
      .replace(MATERIAL, HIDDEN),
  );
}

function maskedAssignments(text: string): string {
  let output = "";
  let shown = 0;
  NAME.lastIndex = 0;
  for (let name = NAME.exec(text); name; name = NAME.exec(text)) {
    VALUE.lastIndex = NAME.lastIndex;
    const value = isSensitive(name[1] ?? "") ? VALUE.exec(text) : null;
    if (!value) continue;
    const inner = value[1] ?? value[2] ?? value[3] ?? "";
    if (isHarmless(inner)) continue;
    output += text.slice(shown, value.index) + value[0].replace(inner, () => HIDDEN);
    shown = VALUE.lastIndex;
    NAME.lastIndex = shown;
  }
  return output + text.slice(shown);
}
