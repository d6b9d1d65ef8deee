import type { Change } from "../../diff/change.ts";
import { plainText } from "../../lib/plain-text.ts";
import { byArea, countChanges, KIND_MARKS, SEVERITY_TONES } from "../changes.ts";
import { type Look, lookOf, paint, paintTone, wrap } from "./look.ts";

const INDENT = "      ";

/** Every change by area, with what it means; the count comes last, where the eye is when the command returns. */
export function changesText(changes: readonly Change[], look: Look = lookOf()): string {
  const groups = byArea(changes).map(({ title, changes: some }) =>
    [paint(look, "bold", title), ...some.flatMap((change) => changeLines(change, look))].join("\n"),
  );
  return [...groups, `From base to head: ${countChanges(changes)}.`].join("\n\n");
}

function changeLines(change: Change, look: Look): string[] {
  const { before, after, note, severity, kind, diff } = change;
  const mark = severity === "info" ? KIND_MARKS[kind] : paintTone(look, SEVERITY_TONES[severity], KIND_MARKS[kind]);
  const word = severity === "info" ? "" : `${severity}: `;
  return [
    ...wrap(plainText(change.subject), look.columns, "    ").map((line, at) =>
      at ? line : `  ${mark} ${line.trim()}`,
    ),
    ...values(before, after, look),
    ...(note ? wrap(word + plainText(note), look.columns, INDENT) : []).map((line) =>
      paintTone(look, SEVERITY_TONES[severity], line),
    ),
    ...(diff
      ? plainText(diff)
          .split("\n")
          .map((line) => diffLine(line, look))
      : []),
  ];
}

/** Both on one line where they fit, else one below the other. */
function values(before: string | undefined, after: string | undefined, look: Look): string[] {
  const arrow = look.plain ? "->" : "→";
  const texts = [before, after].flatMap((text) => (text === undefined ? [] : [plainText(text) || "(empty)"]));
  const one = INDENT + texts.join(` ${arrow} `);
  if (!one.includes("\n") && one.length <= look.columns) return texts.length > 0 ? [one] : [];
  const [first = "", second] = texts;
  return [
    ...wrap(first, look.columns, INDENT),
    ...(second === undefined ? [] : wrap(`${arrow} ${second}`, look.columns, INDENT)),
  ];
}

function diffLine(line: string, look: Look): string {
  const text = `${INDENT}${line}`.trimEnd();
  if (line.startsWith("+")) return paint(look, "green", text);
  return line.startsWith("-") ? paint(look, "red", text) : paint(look, "gray", text);
}
