import type { ServiceSpec } from "../compose/app-spec.ts";
import { hasContainers, mayEndWell } from "../compose/convert/lasting.ts";
import { InfraError } from "../lib/errors.ts";
import { until } from "../lib/until.ts";
import { asInfra, type Swarm } from "../swarm/client.ts";
import { containerOf, type Placed, ServiceGone } from "../swarm/exec.ts";
import { listTasks, newestFirst } from "../swarm/task.ts";

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

/** Those services that have a container to be asked: not those that do what they are for once, and have ended well. */
export async function standingServices(swarm: Swarm, services: readonly ServiceSpec[]): Promise<ServiceSpec[]> {
  const standing = services.filter(hasContainers);
  const done = await Promise.all(standing.map(async (one) => mayEndWell(one) && (await hasEndedWell(swarm, one.name))));
  return standing.filter((_, index) => !done[index]);
}

async function hasEndedWell(swarm: Swarm, name: string): Promise<boolean> {
  const services = await asInfra(swarm, swarm.docker.listServices({ filters: { name: [name] } }));
  const service = services.find(({ Spec }) => Spec?.Name === name);
  const tasks = service ? await asInfra(swarm, listTasks(swarm, [service.ID])) : [];
  return newestFirst(tasks)[0]?.Status.State === "complete";
}
