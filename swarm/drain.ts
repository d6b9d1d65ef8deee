import type Docker from "dockerode";
import { found, type Swarm, statusOf } from "./client.ts";
import { RUN_LABEL } from "./run-label.ts";

/**
 * Ends the containers of a run's services at once: the services are scaled to none and their containers killed.
 * Swarm's own way first waits for the network's gossip and then for the app to stop, several seconds in which
 * nothing of use happens when the data is to be destroyed anyway. A global service can't be scaled: it is bound to a node that
 * does not exist.
 */
export async function drain(swarm: Swarm, run: string): Promise<void> {
  const services = await swarm.docker.listServices({ filters: { label: [`${RUN_LABEL}=${run}`] } });
  await Promise.all(services.map((service) => scaleToNone(swarm, service.ID)));
  const containers = await swarm.docker.listContainers({
    all: true,
    filters: { label: [`${RUN_LABEL}=${run}`, "com.docker.swarm.service.id"] },
  });
  const ended = new Set(services.filter(canEnd).map((service) => service.ID));
  const ours = containers.filter((container) => ended.has(container.Labels["com.docker.swarm.service.id"] ?? ""));
  await Promise.all(ours.map((container) => kill(swarm, container.Id)));
}

async function scaleToNone(swarm: Swarm, id: string): Promise<void> {
  const service: Docker.Service | undefined = await found(swarm.docker.getService(id).inspect());
  if (!service?.Spec || !canEnd(service)) return;
  const nowhere = { ...service.Spec.TaskTemplate, Placement: { Constraints: ["node.id==none"] } };
  const none = service.Spec.Mode?.Global ? { TaskTemplate: nowhere } : { Mode: { Replicated: { Replicas: 0 } } };
  await swarm.docker.getService(id).update({ ...service.Spec, ...none, version: service.Version?.Index });
}

function canEnd({ Spec }: Docker.Service): boolean {
  return Boolean(Spec?.Mode?.Replicated ?? Spec?.Mode?.Global);
}

async function kill(swarm: Swarm, id: string): Promise<void> {
  try {
    await swarm.docker.getContainer(id).remove({ force: true, v: true });
  } catch (error) {
    // Gone already, or being removed by Swarm at this moment.
    if (![404, 409].includes(statusOf(error) ?? 0)) throw error;
  }
}
