import { found, type Swarm } from "./client.ts";

/** Id of the config with exactly this name; undefined when there is none. */
export async function configId(swarm: Swarm, name: string): Promise<string | undefined> {
  const config = await found(swarm.docker.getConfig(name).inspect());
  return config?.Spec?.Name === name ? config.ID : undefined;
}
