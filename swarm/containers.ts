import { type Engine, found } from "./client.ts";

/** Id of the running container with exactly this name; undefined when it does not run. */
export async function containerByName(engine: Engine, name: string): Promise<string | undefined> {
  const container = await found(engine.docker.getContainer(name).inspect());
  return container?.State.Running ? container.Id : undefined;
}
