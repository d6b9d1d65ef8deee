import { createTwoFilesPatch, OMIT_HEADERS } from "diff";

/** Most lines of either text. */
const LINE_LIMIT = 20_000;
/** Most lines that go and come together. The time it takes grows with the square. */
const EDIT_LIMIT = 2000;
/** Most lines of a diff; what is beyond is counted. */
const OUTPUT_LIMIT = 400;
/** Longest line shown whole, in characters. */
const WIDTH_LIMIT = 500;

/**
 * A unified diff of two texts with three lines of context, at most 400 lines of 500 characters; undefined for texts of
 * more than 20,000 lines and for more than 2000 lines that differ.
 *
 * @param shown gives each text as it is to be shown, line by line; what is compared are the texts themselves
 */
export function unifiedDiff(
  before: string,
  after: string,
  shown: (text: string) => string = (text) => text,
): string | undefined {
  if (Math.max(lineCount(before), lineCount(after)) > LINE_LIMIT) return undefined;
  const patch = createTwoFilesPatch("", "", before, after, undefined, undefined, {
    context: 3,
    headerOptions: OMIT_HEADERS,
    // Not `timeout`: what a report says must not depend on how busy the machine is.
    maxEditLength: EDIT_LIMIT,
  });
  if (patch === undefined) return undefined;
  const output = patch.slice(0, -1).split("\n");
  const more = output.length - OUTPUT_LIMIT;
  const kept = asShown(output.slice(0, OUTPUT_LIMIT), shown(before).split("\n"), shown(after).split("\n"));
  return [...kept.map(shortened), ...(more > 0 ? [`... ${more} more lines`] : [])].join("\n");
}

/** The lines of a diff with other texts in them, which have as many lines as those that were compared. */
function asShown(lines: readonly string[], before: readonly string[], after: readonly string[]): string[] {
  let [old, now] = [0, 0];
  return lines.map((line) => {
    const heading = /^@@ -(\d+),\d+ \+(\d+),/.exec(line);
    if (heading) [old, now] = [Number(heading[1]) - 1, Number(heading[2]) - 1];
    else if (line.startsWith("-")) return `-${before[old++]}`;
    else if (line.startsWith("+")) return `+${after[now++]}`;
    else if (line.startsWith(" ")) {
      old++;
      return ` ${after[now++]}`;
    }
    return line;
  });
}

function lineCount(text: string): number {
  return text.split("\n").length;
}

function shortened(line: string): string {
  return line.length <= WIDTH_LIMIT ? line : `${line.slice(0, WIDTH_LIMIT)}... (${line.length} characters)`;
}
