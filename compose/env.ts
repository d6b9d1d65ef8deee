import { UserError, UserErrors } from "../lib/errors.ts";
import { expandVariables, splitLine, unquote } from "./env-line.ts";

/** One assignment of an env file. */
export interface EnvEntry {
  key: string;
  /** Without quotes, expanded. */
  value: string;
  /** Counted from 1. */
  line: number;
  /** Words of the trailing comment, e.g. `# length=32 charset=default` gives `length` and `charset`. */
  modifiers: Record<string, string>;
}

/** Commented-out assignments on neighbouring lines: an optional feature, switched on by removing the `#`. */
export interface OptionalBlock {
  line: number;
  entries: EnvEntry[];
}

export interface EnvFile {
  /** In the order of the file; a key may come more than once, the last one counts. */
  entries: EnvEntry[];
  optional: OptionalBlock[];
}

const KEY = /^[A-Za-z_][A-Za-z0-9_]*$/;
const OPTIONAL = /^#+\s*([A-Za-z_][A-Za-z0-9_]*=.*)$/;

/**
 * Reads an `.env.sample` as abra does (a godotenv dialect): single quotes are literal, double quotes and bare values
 * expand `$VAR` and `${VAR}` from earlier lines of the same file, a `#` outside quotes begins a comment, and
 * `key=value` words in that comment are modifiers.
 * @throws UserErrors naming each line that is no assignment
 */
export function parseEnv(text: string, file = ".env.sample"): EnvFile {
  const entries: EnvEntry[] = [];
  const optional: OptionalBlock[] = [];
  const errors: UserError[] = [];
  const known: Record<string, string> = {};
  let block: OptionalBlock | undefined;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = index + 1;
    const content = raw.trim();
    const commented = OPTIONAL.exec(content)?.[1];
    if (commented === undefined) block = undefined;
    if (content === "" || (content.startsWith("#") && commented === undefined)) continue;
    const entry = parseAssignment(commented ?? content, line, known);
    if (commented !== undefined) {
      if (!entry) continue;
      block ??= startBlock(optional, line);
      block.entries.push(entry);
    } else if (entry) {
      entries.push(entry);
      known[entry.key] = entry.value;
    } else {
      errors.push(new UserError("no assignment: expected KEY=value", { place: { file, line } }));
    }
  }
  if (errors.length > 0) throw new UserErrors(errors);
  return { entries, optional };
}

/** The variables as abra has them in the end: of several assignments the last one counts. */
export function envRecord(entries: readonly EnvEntry[]): Record<string, string> {
  return Object.fromEntries(entries.map(({ key, value }) => [key, value]));
}

/** Puts the app's domain in place of the sample's `<recipe>.example.com`, as `abra app new` does. */
export function withDomain(sample: string, recipe: string, domain: string): string {
  return sample.replaceAll(`${recipe}.example.com`, domain);
}

function startBlock(optional: OptionalBlock[], line: number): OptionalBlock {
  const block = { line, entries: [] };
  optional.push(block);
  return block;
}

function parseAssignment(text: string, line: number, known: Record<string, string>): EnvEntry | undefined {
  const split = splitLine(text);
  const key = split?.key.replace(/^export\s+/, "").trim();
  if (!split || !key || !KEY.test(key) || text.includes("\0")) return undefined;
  const { value, expand } = unquote(split.value);
  return { key, value: expand ? expandVariables(value, known) : value, line, modifiers: modifiers(split.comment) };
}

function modifiers(comment: string): Record<string, string> {
  const words = [...comment.matchAll(/(?:^|\s)([A-Za-z_]+)=(\S+)/g)];
  return Object.fromEntries(words.map((word) => [word[1], word[2]]));
}
