import type { CheckContext, CheckFunction } from "../../checks/check.ts";
import { CheckFailure } from "../../checks/check-failure.ts";
import { failureOf } from "../../checks/recorder.ts";
import type { ConvergeCause } from "../../swarm/converge/converge-error.ts";
import type { PlannedCheck } from "./planned.ts";

/**
 * A check whose failure begins with the end of a task of its app, where there is one: that nothing answers any more is
 * only what is seen of it.
 *
 * @param look that every service still runs, and none has ended
 */
export function unlessEnded(check: PlannedCheck, look: CheckFunction): PlannedCheck {
  const run: CheckFunction = async (context) => {
    try {
      return await check.run(context);
    } catch (error) {
      const failure = failureOf(error);
      const end = failure.owner === "recipe" ? await endOf(look, context) : undefined;
      if (end === undefined) throw error;
      const message = `${end.message}\nwhat was seen of it: ${failure.error}`;
      throw new CheckFailure(message, { owner: end.owner, details: { ...failure.evidence, ...end.details } });
    }
  };
  return { ...check, run };
}

/** What is wrong with a task of the app; undefined while all do well, or only take their time. */
async function endOf(look: CheckFunction, context: CheckContext): Promise<CheckFailure | undefined> {
  try {
    await look(context);
  } catch (error) {
    if (error instanceof CheckFailure && causesOf(error).some(({ kind }) => kind !== "not-converged")) return error;
  }
  return undefined;
}

function causesOf({ details }: CheckFailure): readonly ConvergeCause[] {
  return Array.isArray(details?.causes) ? details.causes : [];
}
