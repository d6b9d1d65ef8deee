import { createInterface } from "node:readline";
import type { Swarm } from "./client.ts";

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
 * Container and service events from now on. Events only hurry a caller that also polls, so a stream that breaks
 * is not an error: it just brings nothing more.
 *
 * @param onLost called when the engine ends the stream, as it does when it ends itself
 */
export async function subscribe(
  swarm: Swarm,
  onEvent: (event: EngineEvent) => void,
  onLost: () => void = () => undefined,
): Promise<EventSubscription> {
  const stop = new AbortController();
  let wake = alarm();
  let fired = false;
  const stream = await swarm.docker.getEvents({
    filters: { type: ["container", "service"] },
    abortSignal: stop.signal,
  });
  stream.on("error", () => undefined);
  const lines = createInterface({ input: stream });
  lines.on("error", () => undefined);
  stream.on("close", () => {
    if (!stop.signal.aborted) onLost();
  });
  lines.on("line", (line) => {
    onEvent(JSON.parse(line) as EngineEvent);
    fired = true;
    wake.ring();
  });
  return {
    next() {
      const current = wake.rung;
      if (fired) wake = alarm();
      fired = false;
      return current;
    },
    close() {
      stop.abort();
      lines.close();
    },
  };
}

function alarm(): { rung: Promise<void>; ring: () => void } {
  let ring = () => {};
  const rung = new Promise<void>((resolve) => {
    ring = resolve;
  });
  return { rung, ring };
}
