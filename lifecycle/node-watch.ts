import { setTimeout } from "node:timers/promises";
import { bytes } from "../lib/bytes.ts";
import { describe } from "../lib/errors.ts";
import { asInfra, found, ping, type Swarm } from "../swarm/client.ts";
import type { EngineEvent } from "../swarm/engine-events.ts";
import { freeBytes } from "../swarm/free-space.ts";

/** Whether a node stays fit for a judgement while a run goes on. */
export interface NodeWatch {
  /** To be told each event of the engine. */
  saw(event: EngineEvent): void;
  /** To be told when the engine ends its events, as it does when it ends itself. */
  lost(): void;
  /**
   * What is wrong with the node, one line; undefined when nothing is. `said` is a failure's own text: what it hints at
   * is looked up, as an app can fill a disk of its own, or be told so by a full one.
   */
  trouble(said: string): Promise<string | undefined>;
}

/** An engine that takes longer than that to answer a ping is as good as gone. */
const PATIENCE_MS = 10_000;
/** With less than that the engine makes no container any more. */
const FULL_BYTES = 16 << 20;

/** Takes a node for a sound one until it is told otherwise. */
export function nodeWatch(swarm: Swarm, run: string): NodeWatch {
  let anew: string | undefined;
  const starved: Promise<boolean>[] = [];
  return {
    saw({ Type, Action, Actor }) {
      // It is asked at once: its container may be gone a moment later.
      if (Type === "container" && Action === "oom") starved.push(hasNoLimit(swarm, Actor.ID));
    },
    lost() {
      anew = `the Docker Engine at ${swarm.host} ended, and began anew, while the run went on`;
    },
    trouble: async (said) =>
      (await silence(swarm)) ??
      anew ??
      (await noManager(swarm)) ??
      ((await Promise.all(starved)).includes(true) ? `the node at ${swarm.host} ran out of memory` : undefined) ??
      (/no space left on device/i.test(said) ? await fullDisk(swarm, run) : undefined),
  };
}

async function silence(swarm: Swarm): Promise<string | undefined> {
  const late = `the Docker Engine at ${swarm.host} does not answer within ${PATIENCE_MS / 1000} s`;
  const answer = ping(swarm).then(() => undefined, describe);
  return Promise.race([answer, setTimeout(PATIENCE_MS, late, { ref: false })]);
}

async function noManager(swarm: Swarm): Promise<string | undefined> {
  const { Swarm: state } = await asInfra(swarm, swarm.docker.info());
  if (state?.LocalNodeState === "active" && state.ControlAvailable) return undefined;
  return `the node at ${swarm.host} is no manager of a Swarm any more: ${state?.LocalNodeState ?? "in no Swarm"}`;
}

/** Whether a container may use all the memory there is, so that it can't have run out of its own. */
async function hasNoLimit(swarm: Swarm, id: string): Promise<boolean> {
  const container = await found(swarm.docker.getContainer(id).inspect()).catch(() => undefined);
  return container !== undefined && !container.HostConfig.Memory;
}

async function fullDisk(swarm: Swarm, run: string): Promise<string | undefined> {
  const free = await freeBytes(swarm, run);
  if (free !== undefined && free >= FULL_BYTES) return undefined;
  return `the disk of the node at ${swarm.host} is full${free === undefined ? "" : `: ${bytes(free)} are free`}`;
}
