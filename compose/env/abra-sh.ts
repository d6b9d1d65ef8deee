import { UserError } from "../../lib/errors.ts";
import { EnvBudget } from "./limits.ts";

/** A variable that `abra.sh` sets for a deployment. */
export interface Export {
  key: string;
  value: string;
  /** Counted from 1. */
  line: number;
}

/** A line that exports a variable to a shell, and nothing to abra. */
export interface UnseenExport {
  key: string;
  line: number;
  /** As written, shortened. */
  text: string;
  /** Why abra does not take it, to come after "abra does not take it". */
  why: string;
}

export interface AbraSh {
  /** In the order of the file; of one variable the last one counts. */
  exports: Export[];
  unseen: UnseenExport[];
  /** Lines that abra or a container cannot take. */
  errors: UserError[];
}

// Go's `\s`, a line's end excepted.
const EXPORT = /^export[\t\f\r ]+\w+=\w+/;
const REMEDY = "write one export a line, its value a bare word: export X_VERSION=v1";
const SHELL_EXPORT = /^(\s*)export(\s+)(\w+)=(.*)$/s;

/**
 * The variables of `abra.sh` as `abra app deploy` sees them. abra does not run the file: it takes each line that
 * matches `^export\s+(\w+=\w+)`, of that what follows the last `export `, and cuts it at `=`. So text after the value
 * stays in it, a comment as well; of `export A=1; export B=2` only B is set; and a name after a tab, or after more than
 * one space, is another name to it.
 */
export function readAbraSh(text: string): AbraSh {
  const shell: AbraSh = { exports: [], unseen: [], errors: [] };
  const budget = new EnvBudget();
  for (const [index, content] of text.split(/\r?\n/).entries()) {
    const line = index + 1;
    const place = { file: "abra.sh", line };
    const taken = EXPORT.test(content) ? (content.split("export ").at(-1) ?? "").split("=") : [];
    const [key = "", value = ""] = taken;
    const problem = problemOf(taken);
    if (problem) shell.errors.push(new UserError(problem, { place, remedy: REMEDY }));
    else if (/^\w+$/.test(key)) shell.exports.push({ key, value, line });
    const excess = taken.length > 0 ? budget.spend(key, value, place) : undefined;
    if (excess) return { ...shell, errors: [...shell.errors, excess] };
    const written = shellExport(content, line);
    if (written && written.key !== key) shell.unseen.push(written);
  }
  return shell;
}

/** The variables of `abra.sh`, by name. */
export function abraShExports({ exports }: AbraSh): Record<string, string> {
  return Object.fromEntries(exports.map(({ key, value }) => [key, value]));
}

function problemOf(taken: readonly string[]): string | undefined {
  if (taken.length === 0) return undefined;
  if (taken.some((part) => part.includes("\0"))) return "the value holds a NUL byte";
  if (taken.length === 2) return undefined;
  return `abra cuts what follows the last "export " of the line at "=", and there are ${taken.length - 1} of it`;
}

function shellExport(content: string, line: number): UnseenExport | undefined {
  const [, indent = "", space = "", key, value = ""] = SHELL_EXPORT.exec(content) ?? [];
  if (key === undefined) return undefined;
  return { key, line, text: content.trim().slice(0, 80), why: reason(indent, space, value) };
}

function reason(indent: string, space: string, value: string): string {
  if (indent) return "because of the space before it";
  if (/^["']/.test(value)) return "because of the quotes";
  if (!/^\w/.test(value)) return "because the value begins with no letter, digit or _";
  if (space !== " ") return "because what follows export is not one space";
  return "because another export follows in the line";
}
