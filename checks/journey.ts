import type { CheckContext, CheckFunction } from "./check.ts";

/**
 * What a person does in the app once and must find again ever after: logs in, writes a post, reads it. Whoever looks
 * later may be another process, so both parts know each other's names by `context.nonce` alone.
 */
export interface Journey {
  /** Short, for check names: `post`. */
  name: string;
  /** What is found again, one sentence for a person. */
  title: string;
  /** Once, after install: does what there is to be done. */
  prepare(context: CheckContext): Promise<void>;
  /** After install, upgrade and restore, in the restored second app too: finds it again, or throws. */
  verify: CheckFunction;
}

/** A journey as its first check: done, and found. */
export function begins(journey: Journey): CheckFunction {
  return async (context) => {
    await journey.prepare(context);
    return journey.verify(context);
  };
}
