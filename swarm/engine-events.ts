import { createInterface } from "node:readline";
import type { Engine, Swarm } from "./client.ts";
import { type NamedEngine, ofEach } from "./engines.ts";

/** One event of the engine: the fields this project reads. */
export interface EngineEvent {
  Type: string;
  Action: string;
  Actor: { ID: string; Attributes: Record<string, string> };
}

export interface EventSubscription {
  /** Resolves at the next event, or at once when one came since the last call. */
  next(): Promise<void>;
  close(): void;
}

/**
 * Container and service events of all nodes from now on. Events only hurry a caller that also polls, so a stream that breaks
 * is not an error: it just brings nothing more.
 *
 * @param onLost called when an engine ends the stream, as it does when it ends itself
 */
export async function subscribe(
  swarm: Swarm,
  onEvent: (event: EngineEvent, engine: Engine) => void,
  onLost: (engine: Engine) => void = () => undefined,
): Promise<EventSubscription> {
  const stop = new AbortController();
  let wake = alarm();
  let fired = false;
  const follow = (engine: NamedEngine) =>
    followOne(engine, stop.signal, onLost, (event) => {
      onEvent(event, engine);
      fired = true;
      wake.ring();
    });
  const closings = await ofEach(swarm, follow);
  return {
    next() {
      const current = wake.rung;
      if (fired) wake = alarm();
      fired = false;
      return current;
    },
    close() {
      stop.abort();
      for (const close of closings) close();
    },
  };
}

/** @returns what ends it */
async function followOne(
  engine: Engine,
  signal: AbortSignal,
  onLost: (engine: Engine) => void,
  onEvent: (event: EngineEvent) => void,
): Promise<() => void> {
  const stream = await engine.docker.getEvents({
    filters: { type: ["container", "service"] },
    abortSignal: signal,
  });
  stream.on("error", () => undefined);
  const lines = createInterface({ input: stream });
  lines.on("error", () => undefined);
  stream.on("close", () => {
    if (!signal.aborted) onLost(engine);
  });
  lines.on("line", (line) => onEvent(JSON.parse(line) as EngineEvent));
  return () => lines.close();
}

function alarm(): { rung: Promise<void>; ring: () => void } {
  let ring = () => {};
  const rung = new Promise<void>((resolve) => {
    ring = resolve;
  });
  return { rung, ring };
}
