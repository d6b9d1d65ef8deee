import { AssertionError } from "node:assert";
import { messageOf, thrownWords } from "../lib/errors.ts";
import { isMistake, namedOwner, type Owner } from "../lib/owner.ts";
import { type AuthorContext, authorContext } from "./author-context.ts";
import type { BrowserUse } from "./browser/use.ts";
import { withBrowser } from "./browser/with-browser.ts";
import type { CheckContext, CheckDefinition, Evidence } from "./check.ts";
import { CheckFailure } from "./check-failure.ts";
import type { Journey, RunnableJourney } from "./journey.ts";
import type { Seed } from "./seeds/seed.ts";
import { withSidecars } from "./sidecar/sidecars.ts";

/** A mistake in the code of a recipe's definition: what it tests is not judged by it. */
export class AuthorError extends Error {
  override readonly name = "AuthorError";
  readonly owner = "author" satisfies Owner;
}

/**
 * Runs code of a definition's author. An error of no kind, Node's own assertions, and a wait of the author's own that
 * is over fail as a `CheckFailure` does; a TypeError and its like, and errors of Node's own calls, are mistakes in the
 * code.
 *
 * @param what whose code it is, e.g. `check "login"`
 * @param signal aborted when the check as a whole has to end
 * @throws AuthorError
 */
export async function authored<T>(what: string, signal: AbortSignal, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw signal.aborted && isAbort(error) ? error : blamed(what, error);
  }
}

/** What an author's code threw, with its owner. */
function blamed(what: string, error: unknown): unknown {
  if (namedOwner(error)) return error;
  const failed = error instanceof AssertionError || isAbort(error) || !isMistake(error);
  if (failed) return new CheckFailure(messageOf(error));
  return new AuthorError(`${what} of ci.ts broke: ${thrownWords(error)}`, { cause: error });
}

/** A check as a recipe's definition has it. */
export interface AuthoredCheck extends Omit<CheckDefinition, "run"> {
  /** It goes through the app in a browser, which `context.browser()` gives. Default: it does not. */
  browser?: BrowserUse;
  run(context: AuthorContext): Promise<Evidence>;
}

export function authoredCheck(check: AuthoredCheck): CheckDefinition {
  const what = `check "${check.name}"`;
  const run = (context: CheckContext) =>
    authored(what, context.signal, () => used(check, context, (own) => check.run(own)));
  return { ...check, authored: true, run };
}

/** Does what an author's code says, with a browser where it says that it needs one. */
function used<T>(
  { name, browser: use, deadline }: Pick<AuthoredCheck, "name" | "browser" | "deadline">,
  context: CheckContext,
  code: (context: AuthorContext) => Promise<T>,
): Promise<T> {
  if (!use) return inContext(context, code);
  return withSidecars(context, (sidecars) => {
    const work = (browser: AuthorContext["browser"]) => code(authorContext(context, sidecars, browser));
    return withBrowser(context, { check: name, use, deadline, work });
  });
}

/** Runs an author's code in its context; the sidecars that it asks for are gone afterwards. */
export function inContext<T>(context: CheckContext, code: (context: AuthorContext) => Promise<T>): Promise<T> {
  return withSidecars(context, (sidecars) => code(authorContext(context, sidecars)));
}

/** A seed as a recipe's definition has it. */
export interface AuthoredSeed extends Omit<Seed, "write" | "read" | "destroy" | "destroyed"> {
  write(context: AuthorContext, value: string): Promise<void>;
  read(context: AuthorContext): Promise<string | undefined>;
  destroy?(context: AuthorContext): Promise<void>;
  destroyed?(context: AuthorContext): Promise<boolean>;
}

export function authoredSeed(seed: AuthoredSeed): Seed {
  const what = `seed "${seed.name}"`;
  const { destroy, destroyed, snapshotPlace } = seed;
  return {
    ...seed,
    destroy: destroy && ((context) => authored(what, context.signal, () => inContext(context, destroy))),
    destroyed: destroyed && ((context) => authored(what, context.signal, () => inContext(context, destroyed))),
    write: (context, value) =>
      authored(what, context.signal, () => inContext(context, (own) => seed.write(own, value))),
    read: (context) => authored(what, context.signal, () => inContext(context, (own) => seed.read(own))),
    snapshotPlace: snapshotPlace && ((app) => authoredPlace(what, () => snapshotPlace(app))),
  };
}

export function authoredJourney(journey: Journey): RunnableJourney {
  const what = `journey "${journey.name}"`;
  return {
    ...journey,
    prepare: (context) => authored(what, context.signal, () => used(journey, context, (own) => journey.prepare(own))),
    verify: (context) => authored(what, context.signal, () => used(journey, context, (own) => journey.verify(own))),
  };
}

function authoredPlace<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw blamed(what, error);
  }
}

/** A wait that a signal ended. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === "AbortError" || error.name === "TimeoutError");
}
