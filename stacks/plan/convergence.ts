import type { AppSpec, ServiceSpec } from "../../compose/app-spec.ts";
import { type Duration, milliseconds } from "../../lib/duration.ts";
import type { RecipeDefinition } from "../../recipes/define-recipe.ts";

const SECOND = 1_000_000_000;
/** What Swarm and the engine do where a recipe says nothing, in seconds. */
const DEFAULTS = { interval: 30, startInterval: 5, monitor: 5 };
/** What any service is given beside the times that it asks for itself. */
const OTHERWISE = 45;
/** The most of it, and of its parts, in seconds: what asks for more needs a word of the recipe's definition. */
const MOST = { all: 900, part: 300 };

/**
 * Longest wait for an app to come to rest: what its definition says, else the recipe's own TIMEOUT, at least 60 s, and
 * no less than what its services ask Swarm to take for an update.
 */
export function convergenceDeadline(definition: RecipeDefinition, app: AppSpec): Duration {
  const asked = app.services.map((service) => Math.min(Math.ceil(updateSeconds(service) + OTHERWISE), MOST.all));
  return definition.convergence ?? `${Math.max(app.timeoutSeconds, 60, ...asked)} s`;
}

/**
 * Seconds that Swarm takes for all tasks of a service, one batch after the other: each stops, is asked for its health for
 * the first time or may start up, and is watched; and the pauses in between.
 */
function updateSeconds({ mode, healthcheck, stopGracePeriod, updateConfig }: ServiceSpec): number {
  const tasks = mode.kind === "replicated" ? mode.replicas : 1;
  const batches = Math.ceil(tasks / (updateConfig?.parallelism || tasks || 1));
  const stop = Math.min(stopGracePeriod / SECOND, MOST.part);
  const { test = ["NONE"], interval, startPeriod, startInterval } = healthcheck ?? {};
  // A start may take all of its start period, and fail as many looks in it as it likes.
  const times = startPeriod
    ? Math.max(startPeriod / SECOND, seconds(startInterval) ?? DEFAULTS.startInterval)
    : (seconds(interval) ?? DEFAULTS.interval);
  const health = test[0] === "NONE" ? 0 : Math.min(times, MOST.part);
  const watched = seconds(updateConfig?.monitor) ?? DEFAULTS.monitor;
  return batches * (stop + health + watched) + (batches - 1) * (seconds(updateConfig?.delay) ?? 0);
}

function seconds(nanoseconds: number | undefined): number | undefined {
  return nanoseconds === undefined ? undefined : nanoseconds / SECOND;
}

/** The wait inside a check ends first, so that its error, which has the reason, is the one shown. */
export function addTime(deadline: Duration): Duration {
  return `${milliseconds(deadline) / 1000 + 30} s`;
}
