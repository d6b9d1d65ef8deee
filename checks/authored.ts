import { AssertionError } from "node:assert";
import { messageOf, thrownWords } from "../lib/errors.ts";
import { isMistake, namedOwner, type Owner } from "../lib/owner.ts";
import { type CheckDefinition, CheckFailure } from "./check.ts";
import type { Journey } from "./journey.ts";
import type { Seed } from "./seed.ts";

/** A mistake in the code of a recipe's definition: what it tests is not judged by it. */
export class AuthorError extends Error {
  override readonly name = "AuthorError";
  readonly owner = "author" satisfies Owner;
}

/**
 * Runs code of a definition's author. An error of no kind, and Node's own assertions, fail as a `CheckFailure` does;
 * a TypeError and its like, and errors of Node's own calls, are mistakes in the code.
 *
 * @param what whose code it is, e.g. `check "login"`
 * @throws AuthorError
 */
export async function authored<T>(what: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (namedOwner(error) || isAbort(error)) throw error;
    if (error instanceof AssertionError || !isMistake(error)) throw new CheckFailure(messageOf(error));
    throw new AuthorError(`${what} of ci.ts broke: ${thrownWords(error)}`, { cause: error });
  }
}

export function authoredCheck(check: CheckDefinition): CheckDefinition {
  return { ...check, authored: true, run: (context) => authored(`check "${check.name}"`, () => check.run(context)) };
}

export function authoredSeed(seed: Seed): Seed {
  const what = `seed "${seed.name}"`;
  const { destroy, destroyed } = seed;
  return {
    ...seed,
    destroy: destroy && ((context) => authored(what, () => destroy(context))),
    destroyed: destroyed && ((context) => authored(what, () => destroyed(context))),
    write: (context, value) => authored(what, () => seed.write(context, value)),
    read: (context) => authored(what, () => seed.read(context)),
  };
}

export function authoredJourney(journey: Journey): Journey {
  const what = `journey "${journey.name}"`;
  return {
    ...journey,
    prepare: (context) => authored(what, () => journey.prepare(context)),
    verify: (context) => authored(what, () => journey.verify(context)),
  };
}

/** A signal of the run's own ended it. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === "AbortError" || error.name === "TimeoutError");
}
