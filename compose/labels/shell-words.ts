/**
 * Cuts a command line into words as Python's `shlex.split` does, by which Docker's Python client starts a command
 * that it is given as one text.
 * @returns undefined where a quote or a backslash has no end, which is an error there
 */
export function shellWords(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let at = 0;
  while (at < text.length) {
    const letter = text[at] ?? "";
    if (/[ \t\r\n]/.test(letter)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      at++;
      continue;
    }
    const read = letter === "'" || letter === '"' ? quoted(text, at) : plain(text, at);
    if (!read) return undefined;
    word = (word ?? "") + read.text;
    at = read.end;
  }
  return word === undefined ? words : [...words, word];
}

interface Piece {
  text: string;
  /** Where what follows begins. */
  end: number;
}

/** One letter, or the one after a backslash. */
function plain(text: string, at: number): Piece | undefined {
  if (text[at] !== "\\") return { text: text[at] ?? "", end: at + 1 };
  return at + 1 < text.length ? { text: text[at + 1] ?? "", end: at + 2 } : undefined;
}

/** What is within quotes; in double ones a backslash frees a double quote or another backslash. */
function quoted(text: string, at: number): Piece | undefined {
  const quote = text[at];
  let inner = "";
  for (let next = at + 1; next < text.length; next++) {
    if (text[next] === quote) return { text: inner, end: next + 1 };
    const isEscape = quote === '"' && text[next] === "\\" && /["\\]/.test(text[next + 1] ?? "");
    if (isEscape) next++;
    inner += text[next];
  }
  return undefined;
}
