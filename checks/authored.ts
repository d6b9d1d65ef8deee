import { AssertionError } from "node:assert";
import { namedOwner, type Owner } from "../lib/owner.ts";
import { type CheckDefinition, CheckFailure } from "./check.ts";
import type { Seed } from "./seed.ts";

/** A mistake in the code of a recipe's definition: what it tests is not judged by it. */
export class AuthorError extends Error {
  override readonly name = "AuthorError";
  readonly owner = "author" satisfies Owner;
}

/**
 * Runs code of a definition's author. What it throws without an owner is a mistake in it, but Node's own assertions
 * fail as a `CheckFailure` does.
 *
 * @param what whose code it is, e.g. `check "login"`
 * @throws AuthorError
 */
export async function authored<T>(what: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AssertionError) throw new CheckFailure(error.message);
    if (namedOwner(error) || isAbort(error)) throw error;
    const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new AuthorError(`${what} of ci.ts broke: ${said}`, { cause: error });
  }
}

export function authoredCheck(check: CheckDefinition): CheckDefinition {
  return { ...check, run: (context) => authored(`check "${check.name}"`, () => check.run(context)) };
}

export function authoredSeed(seed: Seed): Seed {
  const what = `seed "${seed.name}"`;
  return {
    ...seed,
    write: (context, value) => authored(what, () => seed.write(context, value)),
    read: (context) => authored(what, () => seed.read(context)),
  };
}

/** A signal of the run's own ended it. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === "AbortError" || error.name === "TimeoutError");
}
