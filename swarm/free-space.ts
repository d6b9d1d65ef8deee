import { InfraError } from "../lib/errors.ts";
import type { Engine, Swarm } from "./client.ts";
import { ofEach } from "./engines.ts";
import { execIn } from "./exec.ts";
import { RUN_LABEL } from "./run-label.ts";

/**
 * Bytes that are free where the engines keep a run's containers, on the node that has fewest, asked inside one of the
 * run's own helpers: the engine itself says nothing of it. Undefined when none can be asked.
 */
export async function freeBytes(swarm: Swarm, run: string): Promise<number | undefined> {
  const answers = await ofEach(swarm, (engine) => freeOn(engine, run));
  const known = answers.flatMap((bytes) => bytes ?? []);
  return known.length > 0 ? Math.min(...known) : undefined;
}

async function freeOn(engine: Engine, run: string): Promise<number | undefined> {
  const helpers = await engine.docker.listContainers({ filters: { label: [`${RUN_LABEL}=${run}`] } });
  for (const { Id } of helpers) {
    const answer = await execIn(engine, Id, ["df", "-Pk", "/"], { timeout: "5 s" }).catch(unableToAsk);
    const kilobytes = Number(answer?.stdout.trim().split("\n").at(-1)?.split(/\s+/)[3]);
    if (answer?.code === 0 && Number.isFinite(kilobytes)) return kilobytes * 1024;
  }
  return undefined;
}

function unableToAsk(error: unknown): undefined {
  if (!(error instanceof InfraError)) throw error;
}
