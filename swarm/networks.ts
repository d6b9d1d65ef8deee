import { found, type Swarm } from "./client.ts";

/** Id of the network with exactly this name; undefined when there is none. */
export async function networkId(swarm: Swarm, name: string): Promise<string | undefined> {
  const network = await found(swarm.docker.getNetwork(name).inspect());
  return network?.Name === name ? network.Id : undefined;
}
