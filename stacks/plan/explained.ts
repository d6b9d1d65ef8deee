import type { CheckContext, CheckFunction } from "../../checks/check.ts";
import { CheckFailure } from "../../checks/check-failure.ts";
import { failureOf } from "../../checks/recorder.ts";
import type { Owner } from "../../lib/owner.ts";
import { isOfEnded } from "../../swarm/client.ts";
import type { PlannedCheck } from "./planned.ts";

/** What a failure comes of. */
export interface Explanation {
  said: string;
  owner: Owner;
  /** Beside those of the failure. Default: none. */
  details?: Record<string, unknown>;
}

/**
 * A check whose failure begins with what it comes of, where it is the recipe's, or the engine's word that a container has
 * ended: what it saw itself is only what is seen of that.
 *
 * @param look gives that; undefined where nothing else is wrong
 */
export function explained(
  check: PlannedCheck,
  look: (context: CheckContext) => Promise<Explanation | undefined>,
): PlannedCheck {
  const run: CheckFunction = async (context) => {
    try {
      return await check.run(context);
    } catch (error) {
      const failure = failureOf(error);
      const cause = failure.owner === "recipe" || isOfEnded(error) ? await look(context) : undefined;
      // What it saw may be just that, and what it says of it tells more.
      if (cause === undefined || failure.error.includes(cause.said)) throw error;
      const details = cause.details ? { ...failure.evidence, ...cause.details } : failure.evidence;
      throw new CheckFailure(`${cause.said}\nwhat was seen of it: ${failure.error}`, { owner: cause.owner, details });
    }
  };
  return { ...check, run };
}
