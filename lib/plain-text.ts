import { stripVTControlCharacters } from "node:util";

/** Where the pictures of the control characters begin (Unicode block "Control Pictures"). */
const CONTROL_PICTURES = 0x2400;
const DELETE_PICTURE = "␡";

/**
 * Foreign text (a recipe's log, an error) made safe to look at: escape sequences of terminals are taken out,
 * other control characters and direction overrides are made visible, lines end in `\n` alone.
 */
export function plainText(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll("\r\n", "\n")
    .replace(/\p{Cc}/gu, pictureOf)
    .replace(/[\u202a-\u202e\u2066-\u2069]/g, "�");
}

function pictureOf(character: string): string {
  if (character === "\n" || character === "\t") return character;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(CONTROL_PICTURES + code);
  return code === 0x7f ? DELETE_PICTURE : "�";
}

/** The first line that says something. */
export function firstLine(text: string): string {
  return (
    plainText(text)
      .split("\n")
      .map((line) => line.trim())
      .find((line) => line !== "") ?? ""
  );
}

/** The last line that says something; undefined where none does. A program's last word is mostly why it ended. */
export function lastLine(text: string): string | undefined {
  return lastOf(text, (line) => line !== "");
}

/** Most characters of a program's own words in a sentence. */
const MOST_WORDS = 200;

/** What a program says of where it broke, or of its end, below the line that says why. */
const AFTERWARDS = [
  // Frames of a stack: JavaScript, Java, PHP, Ruby, Go, Rust
  /^at \S|^\.\.\. \d+ more$|^#\d+ |^from \S+:\d|^goroutine \d|^\[signal |^created by |^\S+\.go:\d+ \+0x|^\d+: +\w/,
  /^(?!.*: )\S+\.\S+\(.*\)$/,
  /^stack (?:trace|backtrace):?$|^thrown in .* on line \d|^note: run with `?RUST_BACKTRACE|^Node\.js v\d/i,
  // Servers that end, having said why
  /^exit status \d+$|database system is shut down$|\[ERROR\] Aborting$|: Shutdown complete$|^Killed$/,
];
/** What the first line of several may say that the others only explain. */
const NAMES_ERROR = /\b(?:error|exception|fatal|panic|failed)\b|(?:Error|Exception)\b/i;

/** A text as a part of a regular expression that means just that. Node 20 has no `RegExp.escape`. */
export function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Lines of what a program said that are kept of one that failed. */
const END = 12;

/** The end of what a program said: of its errors, where it said any, else of all else. Each part a line. */
export function lastOutput({ stdout, stderr }: { stdout: string; stderr: string }): string[] {
  return (stderr.trim() || stdout.trim()).split("\n").slice(-END);
}

/**
 * The line in which a program says why it ended, no longer than a sentence can hold: its last one with a word in it,
 * aside of frames of a stack and what else comes after the reason. Undefined where no line has a word.
 */
export function lastWords(output = ""): string | undefined {
  const last = reasonOf(output) ?? lastOf(output, (line) => /\w/.test(line));
  return last !== undefined && last.length > MOST_WORDS ? `${last.slice(0, MOST_WORDS)}…` : last;
}

function reasonOf(output: string): string | undefined {
  const lines = plainText(output)
    .split("\n")
    .filter((line) => /\w/.test(line));
  const isAfterwards = (line: string) => AFTERWARDS.some((words) => words.test(line.trim()));
  const last = lines.findLastIndex((line) => !isAfterwards(line));
  // Lines that stand further in belong to the one above them.
  const head = lines.slice(0, last + 1).findLast((line) => /^\S/.test(line));
  return (head !== undefined && NAMES_ERROR.test(head) ? head : lines[last])?.trim();
}

function lastOf(text: string, says: (line: string) => boolean): string | undefined {
  return plainText(text)
    .split("\n")
    .map((line) => line.trim())
    .findLast(says);
}

/** `text` when it has at most `limit` characters, else its first quarter, a note of what is left out, and its end. */
export function abridge(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const head = Math.floor(limit / 4);
  const tail = limit - head;
  return `${text.slice(0, head)}\n[… ${text.length - limit} characters left out …]\n${text.slice(-tail)}`;
}
