/** How a health check says what it is (Engine API, HealthConfig.Test). */
const KINDS = ["NONE", "CMD", "CMD-SHELL"];
/** What a shell reads between and after commands. */
const OF_SHELLS = /^(\|\|?|&&|;|\d?>>?(&\d|\/\S+)?)$/;
/** A variable, in a word that is no code: a shell would put its value there. */
const VARIABLE = /^\S*\$\{?[A-Z_][A-Z0-9_]*\b\S*$/;
/** Programs to which words such as those mean something else, or that read them as a shell does. */
const READ_THEM = /(^|\/)((ba|da|a|z|k)?sh|busybox|env|expr|php\d*|perl|python[\d.]*|ruby|node|g?awk|jq)$/;
/** What ends a text of a shell's well, or is all of it, and what ends one otherwise before it comes to that. */
const WELL = /(^|;|\|\||\n)\s*(exit\s+0|true|:|echo\b[^|;&\n]*)\s*;?\s*$/;
const OTHERWISE = /\bexit\b(?!\s+0\b)|\b(if|case|while|until|exec|kill)\b|\bset\s+-\w*e/;

/**
 * What is wrong with the form of a health check's test, in words that go on after `its health check`; undefined where
 * nothing is. The engine takes each of these, and none of them asks what it says.
 */
export function healthTestMistake([kind, ...words]: readonly string[] = []): string | undefined {
  if (kind === undefined) return undefined;
  if (!KINDS.includes(kind))
    return `begins with "${kind}", and the engine knows ${KINDS.join(", ")} alone: it asks nothing, and the container starts for ever`;
  const [first = "", ...rest] = words;
  if (kind === "CMD-SHELL" && rest.length > 0)
    return `gives CMD-SHELL several words, of which the shell runs "${first}" alone: write them as one text`;
  if (kind !== "CMD") return undefined;
  const ofShell = READ_THEM.test(first) ? undefined : rest.find((word) => OF_SHELLS.test(word) || VARIABLE.test(word));
  if (ofShell !== undefined)
    return `gives CMD the word "${ofShell}", which is an argument of ${first}, as no shell reads it: CMD-SHELL takes all as one text`;
  return rest.length === 0 && /\S\s+\S/.test(first)
    ? "gives CMD one text, which is the name of a program to it: give each word by itself, or the text to CMD-SHELL"
    : undefined;
}

/** Whether a health check ends well by its own words, whatever becomes of the app: `… || true`, `exit 0`. */
export function alwaysPasses([kind, ...words]: readonly string[] = []): boolean {
  if (kind === "CMD" && /^(\/(usr\/)?bin\/)?(true|echo)$/.test(words[0] ?? "")) return true;
  const text = shellText(kind, words)?.trim() ?? "";
  return WELL.test(text) && !OTHERWISE.test(text);
}

/** What a shell is given to run. */
function shellText(kind: string | undefined, [first = "", option, text]: readonly string[]): string | undefined {
  if (kind === "CMD-SHELL") return first;
  return kind === "CMD" && /(^|\/)(ba|da|a)?sh$/.test(first) && option === "-c" ? text : undefined;
}
