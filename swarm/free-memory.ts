import { asInfra, type Engine, found } from "./client.ts";

/** Bytes of memory that a node's containers leave free of all it has. What else runs there is not known. */
export async function freeMemory(engine: Engine): Promise<number> {
  const { docker } = engine;
  const [{ MemTotal }, containers] = await asInfra(engine, Promise.all([docker.info(), docker.listContainers()]));
  const used = await asInfra(engine, Promise.all(containers.map(({ Id }) => usedBy(engine, Id))));
  return Number(MemTotal) - used.reduce((sum, bytes) => sum + bytes, 0);
}

async function usedBy({ docker }: Engine, id: string): Promise<number> {
  // One look: the engine would otherwise take a second one, a second later, for the processor's sake.
  const stats = await found(docker.getContainer(id).stats({ stream: false, "one-shot": true }));
  const { usage = 0, stats: parts } = stats?.memory_stats ?? {};
  // As `docker stats` shows it: without what is only cached (docker/cli, cli/command/container/stats_helpers.go).
  const cached = parts?.total_inactive_file ?? parts?.inactive_file ?? 0;
  return Math.max(0, usage - cached);
}
