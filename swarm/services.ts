import { found, type Swarm } from "./client.ts";

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
