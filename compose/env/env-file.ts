import { UserError, UserErrors } from "../../lib/errors.ts";
import { EnvBudget, tooLong, VALUE_LIMIT } from "./limits.ts";
import { type Assignment, expandVariables, lineEnd, readAssignment } from "./line.ts";
import { modifiersIn, oddModifiers } from "./modifiers.ts";

/** One assignment of an env file. */
export interface EnvEntry {
  key: string;
  /** Without quotes, expanded. */
  value: string;
  /** Where it begins, counted from 1. */
  line: number;
  /** Words of the trailing comment, e.g. `# length=32 charset=default` gives `length` and `charset`. */
  modifiers: Record<string, string>;
  /** What of that comment looks like such a word and is none to abra, one sentence each. Default: nothing. */
  odd?: readonly string[];
}

export interface EnvFile {
  /** In the order of the file; a key may come more than once, the last one counts. */
  entries: EnvEntry[];
  /** Commented-out assignments: options, switched on by removing the `#`. */
  optional: EnvEntry[];
  /** What abra reads otherwise than it looks, with file and line. */
  warnings: string[];
}

/** What no sample gives: nothing at all. */
export const NO_ENV: Readonly<EnvFile> = { entries: [], optional: [], warnings: [] };

/** Mistakes after which a file is read no further: it is no env file. */
const ERROR_LIMIT = 100;
const TEXT = /\P{White_Space}/gu;
const OPTIONAL = /^#+\s*([A-Za-z_]\w*=.*)$/;

/**
 * Reads an `.env.sample` as abra does, whose parser began as godotenv 1.5.1: single quotes are literal, double quotes
 * and bare values expand `$VAR` and `${VAR}` from earlier lines of the same file, quotes may span lines, a ` #` after
 * a value begins a comment, and `key=value` words in that comment are modifiers.
 * @throws UserErrors naming each line that is no assignment, or the one where the values grow too long
 */
export function parseEnv(text: string, file = ".env.sample"): EnvFile {
  assertText(text, file);
  const source = text.replaceAll("\r\n", "\n");
  const lineOf = lineCounter(source);
  const reader = new EnvReader(file);
  for (let at = nextText(source, 0); at < source.length; at = nextText(source, at)) {
    const line = lineOf(at);
    if (source[at] === "#") {
      const end = lineEnd(source, at);
      reader.comment(source.slice(at, end), line);
      at = end;
      continue;
    }
    const read = readAssignment(source, at);
    if ("problem" in read)
      reader.errors.push(new UserError(read.problem, { place: { file, line }, remedy: read.remedy }));
    else reader.assign(read, line);
    if (reader.errors.length === ERROR_LIMIT) break;
    at = read.end;
  }
  if (reader.errors.length > 0) throw new UserErrors(reader.errors);
  return reader.env;
}

/** The variables as abra has them in the end: of several assignments the last one counts. */
export function envRecord(entries: readonly EnvEntry[]): Record<string, string> {
  return Object.fromEntries(entries.map(({ key, value }) => [key, value]));
}

/** Puts the app's domain in place of the sample's `<recipe>.example.com`, as `abra app new` does. */
export function withDomain(sample: string, recipe: string, domain: string): string {
  return sample.replaceAll(`${recipe}.example.com`, () => domain);
}

/** The variables that a sample has only as comments: an operator who leaves them out wants them empty. */
export function optionsOf({ entries, optional }: EnvFile): Set<string> {
  const given = new Set(entries.map(({ key }) => key));
  return new Set(optional.map(({ key }) => key).filter((key) => !given.has(key)));
}

/** What was read of a file so far. */
class EnvReader {
  readonly env: EnvFile = { entries: [], optional: [], warnings: [] };
  readonly errors: UserError[] = [];
  private readonly file: string;
  private readonly known: Record<string, string> = {};
  /** Where each variable was set last. */
  private readonly lines = new Map<string, number>();
  private readonly budget = new EnvBudget();

  constructor(file: string) {
    this.file = file;
  }

  assign(read: Assignment, line: number): void {
    const entry = this.entry(read, line);
    const again = this.lines.get(entry.key);
    this.lines.set(entry.key, line);
    this.env.entries.push(entry);
    this.known[entry.key] = entry.value;
    const warn = (text: string) => this.env.warnings.push(`${this.file}:${line} ${entry.key}: ${text}`);
    if (read.warning) warn(read.warning);
    // A list that goes on, `COMPOSE_FILE="$COMPOSE_FILE:…"`, is set twice by its own word.
    if (again !== undefined && !namesItself(read)) warn(`is set in line ${again} as well, and abra takes the last`);
    if (entry.value.includes("\uFFFD")) warn("the value is not UTF-8, and some of it is lost");
  }

  /** A line that may be an assignment once its `#` is taken away. */
  comment(text: string, line: number): void {
    const [, content] = OPTIONAL.exec(text.trimEnd()) ?? [];
    if (content === undefined) return;
    const read = readAssignment(content, 0);
    // The rest of a value that spans lines is in the next comments; that it is an option is all that counts.
    this.env.optional.push("problem" in read ? unfinished(content, line) : this.entry(read, line));
  }

  private entry(read: Assignment, line: number): EnvEntry {
    const { key, expands } = read;
    const place = { file: this.file, line };
    const value = expands ? expandVariables(read.value, this.known, VALUE_LIMIT) : read.value;
    const excess = value === undefined ? undefined : this.budget.spend(key, value, place);
    if (value === undefined || excess) throw new UserErrors([...this.errors, excess ?? tooLong(key, place)]);
    const modifiers = modifiersIn(read.comment);
    const odd = oddModifiers(key, read.comment, modifiers);
    for (const one of odd) this.env.warnings.push(`${this.file}:${line} ${key}: ${one}`);
    return { key, value, line, modifiers, ...(odd.length > 0 && { odd }) };
  }
}

/** @throws UserErrors for text that abra can read, and no program take */
function assertText(text: string, file: string): void {
  const refuse = (message: string, at: number, remedy: string) => {
    throw new UserErrors([new UserError(message, { place: { file, line: lineCounter(text)(at) }, remedy })]);
  };
  const nul = text.indexOf("\0");
  if (nul >= 0) refuse("holds a NUL byte, which no variable can have", nul, "save the file as plain UTF-8 text");
  if (text.startsWith("\uFEFF")) {
    refuse("begins with a byte order mark, where abra expects a name", 0, "save the file as UTF-8 without one");
  }
}

/** Where the next text begins that is no white space. */
function nextText(source: string, from: number): number {
  TEXT.lastIndex = from;
  return TEXT.exec(source)?.index ?? source.length;
}

/** The line of each offset, counted from 1; they are asked for in rising order. */
function lineCounter(source: string): (offset: number) => number {
  let line = 1;
  let next = source.indexOf("\n");
  return (offset) => {
    while (next >= 0 && next < offset) {
      line++;
      next = source.indexOf("\n", next + 1);
    }
    return line;
  };
}

function unfinished(content: string, line: number): EnvEntry {
  const equals = content.indexOf("=");
  return { key: content.slice(0, equals), value: content.slice(equals + 1), line, modifiers: {} };
}

/** Whether a value has the variable itself in it, as an earlier line set it. */
function namesItself({ key, value, expands }: Assignment): boolean {
  return expands && [...value.matchAll(/\$\(?\{?([A-Z0-9_]+)/g)].some(([, name]) => name === key);
}
