import { found, type Swarm } from "./client.ts";

/** Id of the running container with exactly this name; undefined when it does not run. */
export async function containerByName(swarm: Swarm, name: string): Promise<string | undefined> {
  const container = await found(swarm.docker.getContainer(name).inspect());
  return container?.State.Running ? container.Id : undefined;
}
