import { isShell } from "./shell.ts";

/** How a health check says what it is (Engine API, HealthConfig.Test). */
const KINDS = ["NONE", "CMD", "CMD-SHELL"];
/** What a shell reads between and after commands. */
const OF_SHELLS = /^(\|\|?|&&|;|\d?>>?(&\d|\/\S+)?)$/;
/** A variable, in a word that is no code: a shell would put its value there. */
const VARIABLE = /^\S*\$(\{?[A-Z_][A-Z0-9_]*\b|\()\S*$/;
/** Programs to which words such as those mean something else, or that read them as a shell does. */
const READ_THEM = /(^|\/)((ba|da|a|z|k)?sh|busybox|env|expr|php\d*|perl|python[\d.]*|ruby|node|g?awk|jq)$/;
/** Options behind which a program has code in a language of its own, with variables of that. */
const CODE = /^(-[cer]|--(eval|command|run))$/;
/** The path of a program may have a blank in it, but hardly an option, an address or a pipe. */
const COMMAND_LINE = /^[^/\s]\S*\s+\S|\s(-|[|&]|\S*:\/\/)/;
/** What ends a text of a shell's well, or is all of it, and what ends one otherwise before it comes to that. */
const WELL = /(^|;|\|\||\n)\s*(exit\s+0|true|:|echo\b[^|;&\n]*)\s*;?\s*$/;
const OTHERWISE = /\bexit\b(?!\s+0\b)|\b(if|case|while|until|exec|kill)\b|\bset\s+-\w*e/;

/** A form that the engine takes, and that does not ask what it says. */
export interface HealthTestMistake {
  /** Words that go on after `its health check`. */
  says: string;
  remedy: string;
  /** The service never gets healthy by it. */
  fails: boolean;
}

/** What is wrong with the form of a health check's test; undefined where nothing is. */
export function healthTestMistake([kind, ...words]: readonly string[] = []): HealthTestMistake | undefined {
  if (kind === undefined) return undefined;
  if (!KINDS.includes(kind)) {
    const says = `begins with "${kind}", and the engine knows ${KINDS.join(", ")} alone: it asks nothing, and the container starts for ever`;
    return { says, remedy: "write CMD before the program", fails: true };
  }
  const [first = "", ...rest] = words;
  if (kind === "CMD-SHELL" && rest.length > 0) {
    const says = `gives CMD-SHELL several words, of which the shell runs "${first}" alone`;
    return { says, remedy: "write them as one text, or CMD before the program", fails: false };
  }
  if (kind !== "CMD") return undefined;
  const ofShell = readByItself(words) ? undefined : rest.find((word) => OF_SHELLS.test(word) || VARIABLE.test(word));
  if (ofShell !== undefined) {
    const says = `gives CMD the word "${ofShell}", which is an argument of ${first}, as no shell reads it`;
    return { says, remedy: "write all as one text after CMD-SHELL", fails: false };
  }
  if (!COMMAND_LINE.test(first)) return undefined;
  const says = `gives CMD one text "${first}", which is the name of a program to it`;
  return { says, remedy: "give each word by itself, or write CMD-SHELL before it", fails: true };
}

function readByItself(words: readonly string[]): boolean {
  return words.some((word) => READ_THEM.test(word) || CODE.test(word));
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
  return kind === "CMD" && isShell(first) && option === "-c" ? text : undefined;
}
