import { UserError, UserErrors, userErrors } from "../../lib/errors.ts";
import type { EmptyUse } from "../env/defined.ts";
import { UnreadWithoutVariables } from "./stack-config.ts";

/**
 * The same mistakes, and for each that stands where a variable left an empty text, that variable: what is wrong about
 * `image: wiki:` is the missing TAG. Anything else that was thrown as it is.
 */
export function withCauses(error: unknown, uses: readonly EmptyUse[]): unknown {
  if (!(error instanceof UserError || error instanceof UserErrors)) return error;
  return new UserErrors(userErrors(error).map((one) => withCause(one, uses)));
}

function withCause(error: UserError, uses: readonly EmptyUse[]): UserError {
  if (error instanceof UnreadWithoutVariables) return error;
  const there = uses.filter((use) => isAt(error, use));
  const causes = there.some(({ unmeant }) => unmeant) ? there.filter(({ unmeant }) => unmeant) : there;
  const [first] = causes;
  if (!first) return error;
  const why = [...new Set(causes.map((cause) => `${cause.why}${written(error, cause)}`))].join("; ");
  return new UserError(`${error.message}: ${why}`, { place: error.place, remedy: first.remedy, cause: error });
}

/** By its keys, where both have them, or else by the line. */
function isAt({ place }: UserError, use: EmptyUse): boolean {
  const key = place?.key;
  const beside = key === undefined ? [] : keysOf(use).filter((one) => one.startsWith(rootOf(key)));
  if (key === undefined || beside.length === 0) return place?.file === use.file && place.line === use.line;
  return beside.some((one) => one === key || one.startsWith(`${key}.`));
}

/** Where the text stands that an alias puts there. */
function written({ place }: UserError, { file, line, key }: EmptyUse): string {
  const root = place?.key;
  const isThere = root === undefined || key === undefined || key === root || key.startsWith(`${root}.`);
  return isThere || (place?.file === file && place.line === line) ? "" : ` (${file}:${line})`;
}

function keysOf({ key, aliases = [] }: EmptyUse): string[] {
  return key === undefined ? [] : [key, ...aliases];
}

/** `services` of `services.app.image`: an anchor's text stands under another key. */
function rootOf(key: string): string {
  return `${key.split(".", 1)[0]}.`;
}
