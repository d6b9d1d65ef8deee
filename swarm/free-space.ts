import { InfraError } from "../lib/errors.ts";
import type { Engine, Swarm } from "./client.ts";
import { ofEach } from "./engines.ts";
import { type ExecInResult, execIn } from "./exec.ts";
import { withContainer } from "./helper-container.ts";
import { RUN_LABEL } from "./run-label.ts";

const DF = ["df", "-Pk", "/"] as const;

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
    const free = freeSaid(await execIn(engine, Id, DF, { timeout: "5 s" }).catch(unableToAsk));
    if (free !== undefined) return free;
  }
  return undefined;
}

/**
 * The same of one engine that has nothing of the run yet, asked in a container of its own.
 * @param image with `df` and `sleep` in it; is on the node
 */
export async function freeBefore(engine: Engine, run: string, image: string): Promise<number | undefined> {
  const spec = { run, image, entrypoint: ["sleep", "60"] };
  const answer = withContainer(engine, spec, ({ exec }) => exec(DF, { timeout: "5 s" }));
  return freeSaid(await answer.catch(unableToAsk));
}

/** What df says in POSIX's form. */
function freeSaid(answer: ExecInResult | undefined): number | undefined {
  const kilobytes = Number(answer?.stdout.trim().split("\n").at(-1)?.split(/\s+/)[3]);
  return answer?.code === 0 && Number.isFinite(kilobytes) ? kilobytes * 1024 : undefined;
}

function unableToAsk(error: unknown): undefined {
  if (!(error instanceof InfraError)) throw error;
}
