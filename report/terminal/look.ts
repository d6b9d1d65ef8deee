import { styleText } from "node:util";
import type { Status } from "../../lifecycle/result.ts";
import { STATUSES, type Tone } from "../verdict-words.ts";

/** What the screen can show. */
export interface Look {
  /** No colours and no characters outside ASCII of our own. */
  plain: boolean;
  /** Characters in a line: 80 to 100. */
  columns: number;
}

/** The look for a stream: plain when it is no terminal, a dumb one, or `NO_COLOR` is set (https://no-color.org). */
export function lookOf(
  stream: { isTTY?: boolean; columns?: number } = process.stdout,
  env: NodeJS.ProcessEnv = process.env,
): Look {
  const plain = !stream.isTTY || env.TERM === "dumb" || Boolean(env.NO_COLOR);
  return { plain, columns: Math.min(100, Math.max(80, stream.columns ?? 100)) };
}

type Format = Parameters<typeof styleText>[0];

const TONES: Record<Tone, Format> = { good: "green", bad: "red", warn: "yellow", quiet: "gray" };
const PLAIN_MARKS: Record<Status, string> = { passed: "ok  ", failed: "FAIL", skipped: "skip", "not-run": "-   " };

/** Text in a style of `node:util`, or as it is on a plain screen. */
export function paint(look: Look, format: Format, text: string): string {
  return look.plain ? text : styleText(format, text, { validateStream: false });
}

/** Text in the colour of a tone. */
export function paintTone(look: Look, tone: Tone, text: string): string {
  return paint(look, TONES[tone], text);
}

/** The mark of a status in its colour; all marks of one look are equally wide. */
export function markOf(look: Look, status: Status): string {
  return look.plain ? PLAIN_MARKS[status] : paintTone(look, STATUSES[status].tone, STATUSES[status].mark);
}

/**
 * Indents lines, and breaks those longer than `width` characters at spaces.
 * A line that fits keeps its own spacing; a word that is longer than a line stays whole.
 */
export function wrap(text: string, width: number, indent = ""): string[] {
  return text.split("\n").flatMap((line) => {
    if (indent.length + line.length <= width) return [`${indent}${line}`.trimEnd()];
    const own = indent + (/^\s*/.exec(line)?.[0] ?? "");
    const lines: string[] = [];
    for (const word of line.trim().split(/\s+/)) {
      const last = lines.at(-1);
      if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
      else lines.push(own + word);
    }
    return lines;
  });
}

/** `text` cut to `width` characters, its end marked when something is missing. */
export function truncate(look: Look, text: string, width: number): string {
  if (text.length <= width) return text;
  const end = look.plain ? "..." : "…";
  return text.slice(0, Math.max(0, width - end.length)).trimEnd() + end;
}
