import { nearest } from "../../lib/nearest.ts";

/** The words of a comment that abra reads behind the version of a secret (abra, pkg/secret: ReadSecretsConfig). */
const KNOWN = ["length", "charset", "generate"];
/** Other words for them. */
const MEANT: Readonly<Record<string, string>> = { len: "length", size: "length", chars: "charset" };
/** One of the words without its `=`, or with blanks around it, and a value that it may have. */
const LOOSE = /\b(length|charset|generate)(?:\s*:\s*|\s+=\s*|=\s+|\s+)(\d+|default|special|safespecial|true|false)\b/gi;

/** Which variables have such a comment. */
const VERSION_VARIABLE = /^SECRET_\w+_VERSION$/;

/** Words of the trailing comment, e.g. `# length=32 charset=default` gives `length` and `charset`. */
export function modifiersIn(comment: string): Record<string, string> {
  const words = [...comment.matchAll(/(?:^|\s)([A-Za-z_]+)=(\S+)/g)];
  return Object.fromEntries(words.map((word) => [word[1], word[2]]));
}

/**
 * What of a comment looks like one of abra's words and is none to it, one sentence each.
 * @param modifiers words of that comment
 */
export function oddModifiers(key: string, comment: string, modifiers: Readonly<Record<string, string>>): string[] {
  if (!VERSION_VARIABLE.test(key)) return [];
  const misspelt = Object.entries(modifiers).flatMap(([name, value]) => {
    const meant = KNOWN.includes(name) ? undefined : (MEANT[name.toLowerCase()] ?? nearest(name, KNOWN));
    return meant === undefined || meant in modifiers ? [] : [sentence(`${name}=${value}`, meant, value)];
  });
  const loose = [...comment.matchAll(LOOSE)].flatMap(([text, word = "", value = ""]) => {
    const meant = word.toLowerCase();
    return meant in modifiers || (meant === "length") !== /^\d/.test(value) ? [] : [sentence(text, meant, value)];
  });
  return [...misspelt, ...loose];
}

function sentence(written: string, meant: string, value: string): string {
  return `"${written}" in its comment is nothing to abra; write ${meant}=${value}`;
}
