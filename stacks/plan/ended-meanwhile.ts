import type { CheckFunction } from "../../checks/check.ts";
import { CheckFailure } from "../../checks/check-failure.ts";
import { converged, type Watched } from "../../checks/converged.ts";
import type { Duration } from "../../lib/duration.ts";
import type { RecipeDefinition } from "../../recipes/define-recipe.ts";
import type { ConvergeCause } from "../../swarm/converge/converge-error.ts";
import { type Explanation, explained } from "./explained.ts";
import type { PlannedCheck } from "./planned.ts";

/** Longest look for what has ended. */
const SHORT: Duration = "2 s";

/** What has become of the tasks that are looked at. */
export interface History {
  /** They were stopped and started as they are: what ended before that does not count. Default: false. */
  restarted?: boolean;
  /** Hooks of a restore ran while they did, for which each may be started once more. Default: false. */
  hooked?: boolean;
}

/** A look at every task as it is now, which waits for nothing but what Swarm has yet to learn of its engines. */
export function lookNow({ restarts = 0 }: RecipeDefinition, { restarted, hooked = false }: History = {}) {
  const counted = restarts + (hooked ? 1 : 0);
  return converged({ deadline: SHORT, stableFor: "0 s", fresh: false, watchedYet: true, restarts: counted, restarted });
}

/**
 * A check whose failure begins with the end of a task of its app, where there is one: that nothing answers any more is
 * only what is seen of it.
 *
 * @param look that every service still runs, and none has ended
 */
export function unlessEnded(check: PlannedCheck, look: CheckFunction): PlannedCheck {
  return explained(check, (context) => endOf(look, context));
}

/**
 * A check that ends tasks of its app, and so takes from Swarm what it knows of those that have ended by themselves: they
 * are looked for first. What is found happened after the last look of the phase before.
 *
 * @param look as for {@link unlessEnded}
 */
export function unlessEndedBefore(check: PlannedCheck, look: CheckFunction): PlannedCheck {
  const run: CheckFunction = async (context) => {
    await assertNoneEnded(look, context);
    return check.run(context);
  };
  return { ...check, run };
}

/** @throws CheckFailure where a task has ended by itself, before recipe-ci ends them all */
export async function assertNoneEnded<Looked extends Watched>(
  look: (context: Looked) => Promise<unknown>,
  context: Looked,
): Promise<void> {
  const ended = await endOf(look, context);
  if (ended) throw new CheckFailure(byItself(ended.said), { owner: ended.owner, details: ended.details });
}

/** In the first line, which is the sentence of a verdict. */
function byItself(said: string): string {
  const [first = "", ...rest] = said.split("\n");
  return [`${first}; that was before recipe-ci stopped it`, ...rest].join("\n");
}

/** What is wrong with a task of the app; undefined while all do well, or only take their time. */
export async function endOf<Looked extends Watched>(
  look: (context: Looked) => Promise<unknown>,
  context: Looked,
): Promise<Explanation | undefined> {
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
