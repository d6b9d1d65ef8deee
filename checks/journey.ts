import type { AuthorContext } from "./author-context.ts";
import type { BrowserUse } from "./browser/use.ts";
import type { CheckContext, CheckFunction, Evidence } from "./check.ts";

/**
 * What a person does in the app once and must find again ever after: logs in, writes a post, reads it. Whoever looks
 * later may be another process, so both parts know each other's names by `context.nonce` alone.
 */
export interface Journey {
  /** Short, for check names: `post`. */
  name: string;
  /** What is found again, one sentence for a person. */
  title: string;
  /** It goes through the app in a browser, which `context.browser()` gives. Default: it does not. */
  browser?: BrowserUse;
  /** Once, after install: does what there is to be done. */
  prepare(context: AuthorContext): Promise<void>;
  /** After install, upgrade and restore, in the restored second app too: finds it again, or throws. */
  verify(context: AuthorContext): Promise<Evidence>;
}

/** A journey's parts as checks call them. */
export interface RunnableJourney {
  name: string;
  title: string;
  prepare(context: CheckContext): Promise<void>;
  verify: CheckFunction;
}

/** A journey as its first check: done, and found. */
export function begins(journey: RunnableJourney): CheckFunction {
  return async (context) => {
    await journey.prepare(context);
    return journey.verify(context);
  };
}
