import { InfraError } from "../lib/errors.ts";
import { until } from "../lib/until.ts";
import type { Swarm } from "../swarm/client.ts";
import { containerOf, type Placed, ServiceGone } from "../swarm/exec.ts";

/**
 * A service's running container, waiting up to 60 s for one to run.
 * @param owner whose the service is, and so the failure when none runs
 */
export function runningContainer(
  swarm: Swarm,
  service: string,
  owner: "recipe" | "infra",
  signal?: AbortSignal,
): Promise<Placed> {
  return until(
    async () => {
      try {
        return { done: true, value: await containerOf(swarm, service) };
      } catch (error) {
        if (error instanceof InfraError && !(error instanceof ServiceGone))
          return { done: false, reason: error.message };
        throw error;
      }
    },
    { what: `container of ${service}`, deadline: "60 s", owner, every: "100 ms", signal },
  );
}
