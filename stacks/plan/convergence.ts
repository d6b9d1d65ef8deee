import type { AppSpec } from "../../compose/app-spec.ts";
import { type Duration, milliseconds } from "../../lib/duration.ts";
import type { RecipeDefinition } from "../../recipes/define-recipe.ts";

/** Longest wait for an app to come to rest: what its definition says, else the recipe's own TIMEOUT, at least 60 s. */
export function convergenceDeadline(definition: RecipeDefinition, app: AppSpec): Duration {
  return definition.convergence ?? `${Math.max(app.timeoutSeconds, 60)} s`;
}

/** The wait inside a check ends first, so that its error, which has the reason, is the one shown. */
export function addTime(deadline: Duration): Duration {
  return `${milliseconds(deadline) / 1000 + 30} s`;
}
