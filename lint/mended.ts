import { readAbraSh } from "../compose/env/abra-sh.ts";
import { parseEnv } from "../compose/env/env-file.ts";
import { type UserError, userErrors } from "../lib/errors.ts";

/** A file that can be read once its bad lines are left out. */
export interface Mended {
  /** The text, each bad line empty, so that all others keep their place. */
  text: string;
  errors: readonly UserError[];
}

/** More passes than a file with several mistakes needs: one may hide another. */
const PASSES = 20;

/** An `.env.sample` without the lines that abra stops at: all else in the recipe is judged as if they were right. */
export function mendedSample(text: string): Mended {
  return mended(text, parseEnv);
}

/** The same of an `abra.sh`. */
export function mendedAbraSh(text: string): Mended {
  return mended(text, (now) => readAbraSh(now).errors);
}

function mended(text: string, mistakes: (text: string) => unknown): Mended {
  const errors: UserError[] = [];
  let now = text;
  for (let pass = 0; pass < PASSES; pass++) {
    const found = mistakesOf(() => mistakes(now));
    if (found.length === 0) return { text: now, errors };
    errors.push(...found);
    const bad = new Set(found.map(({ place }) => place?.line));
    const better = now
      .split("\n")
      .map((line, index) => (bad.has(index + 1) ? "" : line))
      .join("\n");
    if (better === now) break;
    now = better;
  }
  return { text: "", errors };
}

function mistakesOf(read: () => unknown): readonly UserError[] {
  try {
    const result = read();
    return Array.isArray(result) ? result : [];
  } catch (error) {
    return userErrors(error);
  }
}
