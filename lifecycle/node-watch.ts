import { setTimeout } from "node:timers/promises";
import { bytes } from "../lib/bytes.ts";
import { describe } from "../lib/errors.ts";
import { asInfra, type Engine, found, ping, type Swarm } from "../swarm/client.ts";
import type { EngineEvent } from "../swarm/engine-events.ts";
import { type SwarmNode, swarmNodes } from "../swarm/engines.ts";
import { freeBytes } from "../swarm/free-space.ts";
import { placeId } from "../swarm/place.ts";
import { tooBusy } from "../swarm/starved.ts";

/** Whether a node stays fit for a judgement while a run goes on. */
export interface NodeWatch {
  /** To be told each event of an engine. */
  saw(event: EngineEvent, engine: Engine): void;
  /** To be told when an engine ends its events, as it does when it ends itself. */
  lost(engine: Engine): void;
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
/** How all say it who wait for an app, or for what it answers; Playwright; and a health check, which waits as well. */
const TOO_LATE =
  /\b(?:not|no answer)(?: at rest| done| finished)? within \d|\bTimeout \d+ms exceeded|: its container is unhealthy\b/;

/** Whether a failure says that somebody waited for something in vain. */
export function isTooLate(said: string): boolean {
  return TOO_LATE.test(said);
}

/** Takes a node for a sound one until it is told otherwise. */
export function nodeWatch(swarm: Swarm, run: string): NodeWatch {
  const ended = new Set<string>();
  const begun = swarmNodes(swarm).catch(() => undefined);
  const starved: Promise<string | undefined>[] = [];
  const anew = ({ host }: Engine) =>
    ended.has(host) ? `the Docker Engine at ${host} ended, and began anew, while the run went on` : undefined;
  return {
    saw({ Type, Action, Actor }, engine) {
      // It is asked at once: its container may be gone a moment later.
      if (Type === "container" && Action === "oom") starved.push(outOfMemory(engine, Actor.ID));
    },
    lost({ host }) {
      ended.add(host);
    },
    trouble: async (said) =>
      (await silence(swarm)) ??
      anew(swarm) ??
      (await noManager(swarm)) ??
      (await Promise.all(starved)).find((one) => one !== undefined) ??
      (await troubleAtPlace(swarm, run, anew, await begun)) ??
      (/no space left on device/i.test(said) ? await fullDisk(swarm, run) : undefined) ??
      (isTooLate(said) ? await tooBusy(swarm, run) : undefined),
  };
}

async function silence(engine: Engine): Promise<string | undefined> {
  const late = `the Docker Engine at ${engine.host} does not answer within ${PATIENCE_MS / 1000} s`;
  const answer = ping(engine).then(() => undefined, describe);
  return Promise.race([answer, setTimeout(PATIENCE_MS, late, { ref: false })]);
}

/** Of the node that the run was given, in a Swarm of several. @param before nodes at the beginning of the run */
async function troubleAtPlace(
  swarm: Swarm,
  run: string,
  anew: (engine: Engine) => string | undefined,
  before?: readonly SwarmNode[],
): Promise<string | undefined> {
  const [id, nodes] = await Promise.all([placeId(swarm, run), swarmNodes(swarm)]);
  if (!id) return joined(nodes, before);
  const node = nodes.find((one) => one.id === id);
  if (!node) return "the node that the run was given is no longer in the Swarm";
  const bad = node.state !== "ready" || node.availability !== "active";
  if (bad || !node.engine) return `node ${node.name}, which the run was given, is ${node.state}, ${node.availability}`;
  return (await silence(node.engine)) ?? anew(node.engine);
}

/** A run without a place has tasks wherever there is room, and volumes are each node's own. */
function joined(nodes: readonly SwarmNode[], before: readonly SwarmNode[] = []): string | undefined {
  if (before.length !== 1) return undefined;
  const other = nodes.find(({ id }) => id !== before[0]?.id);
  return (
    other && `node ${other.name} joined the Swarm while the run went on, whose tasks may be there without their data`
  );
}

async function noManager(swarm: Swarm): Promise<string | undefined> {
  const { Swarm: state } = await asInfra(swarm, swarm.docker.info());
  if (state?.LocalNodeState === "active" && state.ControlAvailable) return undefined;
  return `the node at ${swarm.host} is no manager of a Swarm any more: ${state?.LocalNodeState ?? "in no Swarm"}`;
}

/** A container that may use all the memory there is can't have run out of its own. */
async function outOfMemory(engine: Engine, id: string): Promise<string | undefined> {
  const container = await found(engine.docker.getContainer(id).inspect()).catch(() => undefined);
  return container && !container.HostConfig.Memory ? `the node at ${engine.host} ran out of memory` : undefined;
}

async function fullDisk(swarm: Swarm, run: string): Promise<string | undefined> {
  const free = await freeBytes(swarm, run);
  if (free !== undefined && free >= FULL_BYTES) return undefined;
  return `the disk of the node at ${swarm.host} is full${free === undefined ? "" : `: ${bytes(free)} are free`}`;
}
