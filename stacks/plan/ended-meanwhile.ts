import type { CheckContext, CheckFunction } from "../../checks/check.ts";
import { CheckFailure } from "../../checks/check-failure.ts";
import type { ConvergeCause } from "../../swarm/converge/converge-error.ts";
import { type Explanation, explained } from "./explained.ts";
import type { PlannedCheck } from "./planned.ts";

/**
 * A check whose failure begins with the end of a task of its app, where there is one: that nothing answers any more is
 * only what is seen of it.
 *
 * @param look that every service still runs, and none has ended
 */
export function unlessEnded(check: PlannedCheck, look: CheckFunction): PlannedCheck {
  return explained(check, (context) => endOf(look, context));
}

/** What is wrong with a task of the app; undefined while all do well, or only take their time. */
async function endOf(look: CheckFunction, context: CheckContext): Promise<Explanation | undefined> {
  try {
    await look(context);
  } catch (error) {
    if (error instanceof CheckFailure && causesOf(error).some(({ kind }) => kind !== "not-converged"))
      return { said: error.message, owner: error.owner, details: error.details };
  }
  return undefined;
}

function causesOf({ details }: CheckFailure): readonly ConvergeCause[] {
  return Array.isArray(details?.causes) ? details.causes : [];
}
