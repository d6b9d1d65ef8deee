import { converged } from "../checks/converged.ts";
import type { AppSpec } from "../compose/app-spec.ts";
import type { Duration } from "../lib/duration.ts";
import type { RecipeDefinition } from "../recipes/define-recipe.ts";
import { addTime, convergenceDeadline } from "./convergence.ts";
import type { PlannedPhase } from "./planned.ts";

/** How long Swarm watches the tasks of an update (moby api/types/swarm: UpdateConfig.Monitor). */
const SWARM_MONITOR: Duration = "5 s";

/**
 * A phase that ends with one more look at every task. What dies some seconds after it was seen to run is so charged to
 * the phase in which that happened. Before the teardown every task must have run for as long as Swarm itself watches.
 */
export function withLateLook(
  phase: PlannedPhase,
  definition: RecipeDefinition,
  head: AppSpec,
  isLast: boolean,
): PlannedPhase {
  const deadline = convergenceDeadline(definition, head);
  const stableFor: Duration = isLast ? (definition.stableFor ?? SWARM_MONITOR) : "0 s";
  const steady = {
    name: `${phase.name}.steady`,
    title: "Every service still runs, and none has ended meanwhile",
    run: converged({ deadline, fresh: false, stableFor, restarts: definition.restarts ?? 0 }),
    deadline: addTime(deadline),
    after: phase.checks.map(({ name }) => name),
  };
  return { ...phase, checks: [...phase.checks, steady] };
}
