import type { EngineEvent } from "../swarm/engine-events.ts";
import { RUN_LABEL, SERVICE_NAME_LABEL } from "../swarm/run-label.ts";

/** A container of a service that ended. */
export interface End {
  service: string;
  exitCode: number;
}

/**
 * Which containers of a run end while its teardown begins: Pulumi takes a second or two until it removes the first
 * service, and then nobody can ask Swarm any more what became of a task.
 */
export interface EndWatch {
  /** To be told each event of the engines. */
  saw(event: EngineEvent): void;
  /** From now on, until one of these services is removed. */
  begin(services: readonly string[]): void;
  readonly ends: readonly End[];
}

/** Watches for nothing yet. */
export function endWatch(run: string): EndWatch {
  const ends: End[] = [];
  let watched: ReadonlySet<string> = new Set();
  return {
    ends,
    begin(services) {
      watched = new Set(services);
    },
    saw({ Type, Action, Actor: { Attributes } }) {
      if (Type === "service" && Action === "remove" && watched.has(Attributes.name ?? "")) watched = new Set();
      if (Type !== "container" || Action !== "die" || Attributes[RUN_LABEL] !== run) return;
      const service = Attributes[SERVICE_NAME_LABEL] ?? "";
      if (watched.has(service)) ends.push({ service, exitCode: Number(Attributes.exitCode) });
    },
  };
}
