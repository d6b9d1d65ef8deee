import { plainText } from "../../../lib/plain-text.ts";
import { type Look, paint, wrap } from "../look.ts";

const LABEL_WIDTH = 13;

/** One named thing about an app: what it is called and the lines that tell it; without lines it is left out. */
export interface Row {
  label: string;
  lines: readonly string[];
}

/** A row, from a text, several, or nothing. */
export function row(label: string, said: string | readonly (string | undefined)[] | undefined): Row {
  const lines = typeof said === "string" ? [said] : (said ?? []);
  return { label, lines: lines.filter((line) => line !== undefined && line !== "") as string[] };
}

/** Rows below a heading, their labels in one column; foreign text made safe to look at. Empty without rows. */
export function section(look: Look, heading: string, rows: readonly Row[]): string[] {
  const told = rows.filter(({ lines }) => lines.length > 0);
  if (told.length === 0) return [];
  return [paint(look, "bold", plainText(heading)), ...told.flatMap((one) => rowLines(look, one))];
}

function rowLines(look: Look, { label, lines }: Row): string[] {
  const name = plainText(label);
  const indent = " ".repeat(2 + LABEL_WIDTH);
  const body = lines.flatMap((line) => hanging(look, plainText(line), indent));
  const title = paint(look, "gray", name.padEnd(LABEL_WIDTH));
  // A label too long for its column stands on a line of its own.
  if (name.length >= LABEL_WIDTH) return [`  ${paint(look, "gray", name)}`, ...body];
  const [first = "", ...rest] = body;
  return [`  ${title}${first.slice(indent.length)}`.trimEnd(), ...rest];
}

/** A line broken at spaces, its continuation two columns further in. */
function hanging(look: Look, text: string, indent: string): string[] {
  return text.split("\n").flatMap((line) => {
    const [first = "", ...rest] = wrap(line, look.columns, indent);
    return [first, ...rest.map((more) => `  ${more}`)];
  });
}
