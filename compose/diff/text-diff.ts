/** Longest stretch of differing lines, on either side, that is compared line by line: the table is its square. */
const LINE_LIMIT = 2000;
/** Most lines of a diff; what is beyond is counted. */
const OUTPUT_LIMIT = 400;
/** Longest line shown whole, in characters. */
const WIDTH_LIMIT = 500;
const CONTEXT = 3;

/** One line of a comparison: kept, taken out or put in. */
interface Line {
  mark: " " | "-" | "+";
  text: string;
}

/**
 * A unified diff of two texts with three lines of context, at most 400 lines of 500 characters; undefined when more than 2000
 * lines in a row would have to be compared.
 */
export function unifiedDiff(before: string, after: string): string | undefined {
  const lines = compareLines(linesOf(before), linesOf(after));
  if (!lines) return undefined;
  const output = hunks(lines);
  const more = output.length - OUTPUT_LIMIT;
  const shown = output.slice(0, OUTPUT_LIMIT).map(shortened);
  return [...shown, ...(more > 0 ? [`... ${more} more lines`] : [])].join("\n");
}

function shortened(line: string): string {
  return line.length <= WIDTH_LIMIT ? line : `${line.slice(0, WIDTH_LIMIT)}... (${line.length} characters)`;
}

function linesOf(text: string): string[] {
  if (text === "") return [];
  const lines = text.split("\n");
  const last = lines.pop() ?? "";
  return last === "" ? lines : [...lines, `${last}\n\\ No newline at end of file`];
}

function compareLines(before: string[], after: string[]): Line[] | undefined {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let [beforeEnd, afterEnd] = [before.length, after.length];
  while (beforeEnd > start && afterEnd > start && before[beforeEnd - 1] === after[afterEnd - 1]) {
    beforeEnd--;
    afterEnd--;
  }
  if (Math.max(beforeEnd, afterEnd) - start > LINE_LIMIT) return undefined;
  return [
    ...marked(" ", before.slice(0, start)),
    ...differing(before.slice(start, beforeEnd), after.slice(start, afterEnd)),
    ...marked(" ", before.slice(beforeEnd)),
  ];
}

/** Walks the table of longest common subsequences from its start; what goes comes before what is new. */
function differing(before: string[], after: string[]): Line[] {
  const width = after.length + 1;
  const longest = longestCommon(before, after);
  const at = (row: number, column: number) => longest[row * width + column] ?? 0;
  const lines: Line[] = [];
  let [row, column] = [0, 0];
  while (row < before.length && column < after.length) {
    if (before[row] === after[column]) {
      lines.push(...marked(" ", [before[row] ?? ""]));
      row++;
      column++;
    } else if (at(row + 1, column) >= at(row, column + 1)) lines.push(...marked("-", [before[row++] ?? ""]));
    else lines.push(...marked("+", [after[column++] ?? ""]));
  }
  return [...lines, ...marked("-", before.slice(row)), ...marked("+", after.slice(column))];
}

/** For every pair of positions, how many lines what follows them has in common (in order). */
function longestCommon(before: string[], after: string[]): Uint16Array {
  const width = after.length + 1;
  const table = new Uint16Array((before.length + 1) * width);
  for (let row = before.length - 1; row >= 0; row--) {
    for (let column = after.length - 1; column >= 0; column--) {
      const [down, right] = [table[(row + 1) * width + column] ?? 0, table[row * width + column + 1] ?? 0];
      const both = (table[(row + 1) * width + column + 1] ?? 0) + 1;
      table[row * width + column] = before[row] === after[column] ? both : Math.max(down, right);
    }
  }
  return table;
}

function marked(mark: Line["mark"], texts: string[]): Line[] {
  return texts.map((text) => ({ mark, text }));
}

function hunks(lines: Line[]): string[] {
  const near = lines.map((_, index) =>
    lines.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(({ mark }) => mark !== " "),
  );
  const output: string[] = [];
  let [before, after] = [1, 1];
  for (let index = 0; index < lines.length; index++) {
    if (near[index] && !near[index - 1]) {
      const end = near.indexOf(false, index);
      output.push(heading(lines.slice(index, end === -1 ? lines.length : end), before, after));
    }
    const line = lines[index];
    if (!line) continue;
    if (near[index]) output.push(...`${line.mark}${line.text}`.split("\n"));
    if (line.mark !== "+") before++;
    if (line.mark !== "-") after++;
  }
  return output;
}

/** `@@ -3,7 +3,8 @@`; an empty side is counted from the line before it, as diff does. */
function heading(lines: Line[], before: number, after: number): string {
  const old = lines.filter(({ mark }) => mark !== "+").length;
  const now = lines.filter(({ mark }) => mark !== "-").length;
  return `@@ -${old ? before : before - 1},${old} +${now ? after : after - 1},${now} @@`;
}
