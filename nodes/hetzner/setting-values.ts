import { UserError } from "../../lib/errors.ts";
import { meant } from "../../lib/nearest.ts";

/** A stack's settings, as texts. */
export interface StackConfig {
  get(key: string): string | undefined;
}

/** Names the key that is wrong, and what to do. */
export function mistake(key: string, message: string, remedy: string): UserError {
  return new UserError(message, { place: { key: `recipe-ci:${key}` }, remedy });
}

/** Texts between commas, each of one form and none twice. @throws UserError */
export function list(key: string, text: string, form: RegExp, example: string): readonly string[] {
  const entries = text.split(",").map((entry) => entry.trim());
  const wrong = entries.find((entry) => !form.test(entry));
  const remedy = `separate names by commas, the one to try first before the others: ${example}`;
  if (wrong !== undefined) throw mistake(key, `"${wrong}" can't be a name`, remedy);
  const twice = entries.find((entry, index) => entries.indexOf(entry) < index);
  if (twice !== undefined) throw mistake(key, `${twice} is there twice`, remedy);
  return entries;
}

/** A number without a fraction, from the least to the most. @throws UserError */
export function wholeNumber(key: string, text: string, { least, most }: { least: number; most: number }): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw mistake(
    key,
    `"${text}" is no number from ${least} to ${most}`,
    `npx recipe-ci pulumi config set ${key} ${least}`,
  );
}

/** One of some words. @throws UserError with the one that was likely meant */
export function choice<T extends string>(key: string, text: string, words: readonly T[]): T {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  throw mistake(key, `there is no ${key} "${text}"`, meant(text, words, `use ${words.join(" or ")}`));
}

/** `true` or `false`; false where nothing is said. @throws UserError */
export function flag(key: string, text: string | undefined): boolean {
  return choice(key, text ?? "false", ["true", "false"] as const) === "true";
}
