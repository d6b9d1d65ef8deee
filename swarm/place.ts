import { InfraError, UserError } from "../lib/errors.ts";
import { withLock } from "../lib/lock.ts";
import { boundedName, SECRET_NAME_LIMIT } from "../lib/names.ts";
import { LEAVING_LABEL, PLACE_LABEL } from "../lib/swarm/node-labels.ts";
import { asInfra, type Engine, inSwarm, type Swarm } from "./client.ts";
import { fulfils } from "./constraint.ts";
import { type SwarmNode, swarmNodes } from "./engines.ts";
import { freeMemory } from "./free-memory.ts";
import { RUN_LABEL } from "./run-label.ts";

/** Memory that a run which has a node may still come to need, in bytes. */
const EXPECTED = 1 << 30;

/** A node that a run was given, all of it. */
export type Place = SwarmNode & { engine: Engine };

export interface PlaceArgs {
  run: string;
  /** What its node must be: a name, an id, or a constraint as {@link fulfils} reads it. Default: nothing. */
  wanted?: readonly string[];
  /** How many services could not run on a node; the fewer the better, whatever its memory. */
  unsuited: (node: SwarmNode) => number;
}

/**
 * Gives a run a node of its own, which it keeps until it is removed: where there are several, volumes are each node's
 * own. Undefined in a Swarm of one node, unless one is wanted, which others that join must not come to take part in.
 * What it was given stands in the Swarm, in a config that bears the run's label, so that others see it from wherever
 * they come.
 *
 * @throws InfraError when a node can't be had, or the one it has is gone
 */
export async function givePlace(swarm: Swarm, args: PlaceArgs): Promise<Place | undefined> {
  const nodes = await swarmNodes(swarm);
  const kept = await placeOf(swarm, args.run, nodes);
  if (kept) return keeping(kept, args);
  if (nodes.length < 2 && !args.wanted?.length) return undefined;
  const [first] = nodes;
  if (first && (await isDeployed(swarm, args.run))) {
    // It was made while there was no other node.
    await announce(swarm, args.run, first);
    return keeping(first, args);
  }
  // Two that chose at once would both see the same node free.
  return withLock(`places on ${swarm.host}`, async () => {
    const chosen = await choose(swarm, nodes, args);
    await announce(swarm, args.run, chosen);
    return chosen;
  });
}

/** The node that a run has; undefined where it has none of its own. @throws InfraError when that node is gone */
export async function placeOf(swarm: Swarm, run: string, known?: readonly SwarmNode[]): Promise<SwarmNode | undefined> {
  const id = await placeId(swarm, run);
  if (!id) return undefined;
  const node = (known ?? (await swarmNodes(swarm))).find((one) => one.id === id);
  if (node) return node;
  throw new InfraError(`the node that ${run} runs on is gone`, { remedy: "destroy it, and start anew" });
}

/** Id of the node that a run has, whether that is there or not; undefined where it has none of its own. */
export async function placeId(swarm: Swarm, run: string): Promise<string | undefined> {
  return (await places(swarm)).get(run);
}

function keeping(node: SwarmNode, { wanted = [], run }: PlaceArgs): Place {
  if (!isWanted(node, wanted))
    throw new InfraError(`${run} runs on node ${node.name}, and can't be moved to ${wanted.join(", ")}`, {
      remedy: "destroy it, and start anew",
    });
  const { engine } = node;
  if (engine) return { ...node, engine };
  throw new InfraError(`the Docker Engine of node ${node.name}, where ${run} runs, can't be reached: ${node.state}`);
}

async function choose(swarm: Swarm, nodes: readonly SwarmNode[], { wanted, unsuited }: PlaceArgs): Promise<Place> {
  const asked = called(wanted, nodes);
  const usable = asked.flatMap(({ engine, ...node }) =>
    engine && node.state === "ready" && node.availability === "active" && !isLeaving(node) ? { ...node, engine } : [],
  );
  const given = [...(await places(swarm)).values()];
  const weighed = await Promise.all(
    usable.map(async (node) => {
      const runs = given.filter((id) => id === node.id).length;
      const free = await freeMemory(node.engine).catch(unreachable);
      return free === undefined ? [] : [{ node, unsuited: unsuited(node), free: free - runs * EXPECTED }];
    }),
  );
  // Of equals the first stays first.
  const [best] = weighed.flat().sort((one, other) => one.unsuited - other.unsuited || other.free - one.free);
  if (best) return best.node;
  const states = asked.map(
    (node) => `${node.name} is ${node.state}, ${isLeaving(node) ? "about to leave" : node.availability}`,
  );
  throw new InfraError(`no node can take a run: ${states.join("; ")}`, { remedy: backRemedy(asked) });
}

/** What takes a node away says so first, and where that was killed nobody takes the word back. */
function backRemedy(nodes: readonly SwarmNode[]): string | undefined {
  const away = nodes.find((node) => isLeaving(node) || node.availability === "pause");
  if (!away) return undefined;
  return `where it is to stay: docker node update --availability active --label-add ${LEAVING_LABEL}=false ${away.id}`;
}

function isLeaving({ labels }: Pick<SwarmNode, "labels">): boolean {
  return labels[LEAVING_LABEL] === "true";
}

// Its Swarm takes a while to see that a node has gone.
function unreachable(error: unknown): undefined {
  if (!(error instanceof InfraError)) throw error;
}

function isWanted(node: SwarmNode, wanted: readonly string[]): boolean {
  return wanted.every((one) => node.id === one || node.name === one || (/[=!]=/.test(one) && fulfils(node, one)));
}

/** The nodes that are all that is wanted. @throws InfraError where there is none */
function called(wanted: readonly string[] = [], nodes: readonly SwarmNode[]): readonly SwarmNode[] {
  const found = nodes.filter((node) => isWanted(node, wanted));
  if (found.length > 0 || wanted.length === 0) return found;
  const { message, remedy } = noSuchNode(wanted, nodes);
  throw new InfraError(message, { remedy });
}

function noSuchNode(wanted: readonly string[], nodes: readonly SwarmNode[]): { message: string; remedy: string } {
  const there = nodes.map(({ name }) => name).join(", ") || "no Swarm";
  return { message: `there is no node "${wanted.join(", ")}"`, remedy: `there is ${there}` };
}

/** Refuses what no node is, before a run is made. @throws UserError */
export async function assertNode(swarm: Swarm, wanted: string): Promise<void> {
  const nodes = await swarmNodes(swarm);
  if (nodes.some((node) => isWanted(node, [wanted]))) return;
  const { message, remedy } = noSuchNode([wanted], nodes);
  throw new UserError(message, { remedy });
}

async function isDeployed({ docker }: Swarm, run: string): Promise<boolean> {
  return (await docker.listServices({ filters: { label: [`${RUN_LABEL}=${run}`] } })).length > 0;
}

/** Ids of nodes by the run that has each. */
async function places(swarm: Swarm): Promise<Map<string, string>> {
  const listed = swarm.docker.listConfigs({ filters: { label: [PLACE_LABEL] } });
  const configs = await asInfra(swarm, inSwarm(listed));
  const entries = configs.flatMap(({ Spec }): [string, string][] => {
    const { [RUN_LABEL]: run, [PLACE_LABEL]: id } = Spec?.Labels ?? {};
    return run && id ? [[run, id]] : [];
  });
  return new Map(entries);
}

async function announce(swarm: Swarm, run: string, { id, name }: SwarmNode): Promise<void> {
  const spec = {
    Name: boundedName(`${run}-place`, SECRET_NAME_LIMIT),
    Labels: { [RUN_LABEL]: run, [PLACE_LABEL]: id },
    Data: Buffer.from(name).toString("base64"),
  };
  await asInfra(swarm, swarm.docker.createConfig(spec));
}
