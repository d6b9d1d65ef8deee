import { until } from "../lib/until.ts";
import { found, type Swarm } from "./client.ts";
import { ofEach } from "./engines.ts";
import { SERVICE_ID_LABEL } from "./run-label.ts";

/** What a service is set to run. */
export interface ServiceState {
  id: string;
  /** As in its spec, pinned by digest where Swarm resolved it. */
  image: string;
  labels: Record<string, string>;
  /** It had another spec before: an update, not a new service. */
  updatedInPlace: boolean;
}

/** The state of a service by its exact name; undefined when there is none. */
export async function findService(swarm: Swarm, name: string): Promise<ServiceState | undefined> {
  const service = await found(swarm.docker.getService(name).inspect());
  if (!service || service.Spec?.Name !== name) return undefined;
  return {
    id: service.ID,
    image: service.Spec.TaskTemplate?.ContainerSpec?.Image ?? "",
    labels: service.Spec.Labels ?? {},
    updatedInPlace: service.PreviousSpec !== undefined && service.PreviousSpec !== null,
  };
}

/**
 * Removes a service by its exact name, and waits up to 2 min for its containers to be gone: what comes after, such as
 * the removal of its networks, fails while one is there. One that is not there is removed already.
 */
export async function removeService(swarm: Swarm, name: string): Promise<void> {
  const service = await found(swarm.docker.getService(name).inspect());
  if (!service) return;
  await found(swarm.docker.getService(service.ID).remove());
  await until(
    async () => {
      const left = await containersOf(swarm, service.ID);
      return left.length
        ? { done: false, reason: `container ${left[0]?.Names[0]} is ${left[0]?.State}` }
        : { done: true, value: undefined };
    },
    { what: `removal of service ${name}`, deadline: "2 min" },
  );
}

async function containersOf(swarm: Swarm, serviceId: string) {
  const filters = { label: [`${SERVICE_ID_LABEL}=${serviceId}`] };
  return (await ofEach(swarm, ({ docker }) => docker.listContainers({ all: true, filters }))).flat();
}
