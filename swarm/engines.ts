import { InfraError } from "../lib/errors.ts";
import { ENGINE_LABEL } from "../lib/swarm/node-labels.ts";
import { asInfra, connect, type Engine, type Swarm } from "./client.ts";

/** A node of a Swarm as its manager knows it. */
export interface SwarmNode {
  id: string;
  /** Host name. */
  name: string;
  role: "manager" | "worker";
  /** `ready`, `down`, `unknown`, `disconnected`. */
  state: string;
  /** `active`, `pause`, `drain`. */
  availability: string;
  labels: Record<string, string>;
  /** Of its engine. */
  engineLabels: Record<string, string>;
  address: string;
  os: string;
  architecture: string;
  /** What its tasks may reserve. Undefined where it does not say. */
  resources?: { nanoCpus: number; memoryBytes: number };
  /** Undefined where nobody says how to reach it, or it is not ready. */
  engine?: Engine;
}

/** The fields of the API's answer that are read. */
interface ApiNode {
  ID: string;
  Spec: { Role: "manager" | "worker"; Availability: string; Labels?: Record<string, string> };
  Description?: {
    Hostname?: string;
    Platform?: { OS?: string; Architecture?: string };
    Engine?: { Labels?: Record<string, string> };
    Resources?: { NanoCPUs?: number; MemoryBytes?: number };
  };
  Status: { State: string; Addr?: string };
}

/** Clients by docker host: they hold no connection. */
const clients = new Map<string, Engine>();
/** Id of the node whose engine a client talks to. */
const ownIds = new WeakMap<Engine, string>();
/** The nodes as they were looked up last. */
const lastSeen = new WeakMap<Swarm, readonly SwarmNode[]>();

/**
 * All nodes of a Swarm, the one that is asked first. Where others' engines are reached is what their node's label says,
 * which only a manager can set. None where the engine is in no Swarm.
 *
 * @throws InfraError when the manager does not answer
 */
export async function swarmNodes(swarm: Swarm): Promise<SwarmNode[]> {
  const own = await ownNodeId(swarm);
  if (!own) return [];
  const found: ApiNode[] = await asInfra(swarm, swarm.docker.listNodes());
  if (!found.some(({ ID }) => ID === own)) {
    // It has left that Swarm since, and made another.
    ownIds.delete(swarm);
    return swarmNodes(swarm);
  }
  const nodes = found.map((node) => asNode(node, node.ID === own ? swarm : clientOf(node)));
  nodes.sort((one, other) => Number(other.id === own) - Number(one.id === own) || byName(one.name, other.name));
  lastSeen.set(swarm, nodes);
  return nodes;
}

/** Engines that can be asked, the manager's first: in a Swarm those of all nodes that are ready and known, else itself. */
export async function enginesOf(swarm: Swarm): Promise<NamedEngine[]> {
  return named(swarm, await swarmNodes(swarm));
}

/** The same as they were when the nodes were looked up last: nobody is asked again. */
export function enginesSeen(swarm: Swarm): NamedEngine[] {
  return named(swarm, lastSeen.get(swarm) ?? []);
}

function named(swarm: Swarm, nodes: readonly SwarmNode[]): NamedEngine[] {
  return [swarm, ...nodes.slice(1).flatMap(({ engine, name }) => (engine ? [{ ...engine, node: name }] : []))];
}

/** What all engines answer; one that does not is left out, unless it is the manager's. @throws InfraError */
export async function ofEach<T>(swarm: Swarm, ask: (engine: NamedEngine) => Promise<T>): Promise<T[]> {
  const answers = (await enginesOf(swarm)).map(async (engine) => {
    try {
      return { answer: await asInfra(engine, ask(engine)) };
    } catch (error) {
      if (engine === swarm || !(error instanceof InfraError)) throw error;
      return undefined;
    }
  });
  return (await Promise.all(answers)).flatMap((one) => (one ? [one.answer] : []));
}

/** An engine. `node` is the host name of its node; undefined for the manager that is asked. */
export interface NamedEngine extends Engine {
  node?: string;
}

/** Engine of a node by its id; undefined where it can't be asked. A task that has no node yet is on none. */
export async function engineOf(swarm: Swarm, nodeId: string | undefined): Promise<Engine | undefined> {
  if (!nodeId) return undefined;
  if ((await ownNodeId(swarm)) === nodeId) return swarm;
  const known = lastSeen.get(swarm)?.find(({ id, engine }) => id === nodeId && engine);
  return (known ?? (await swarmNodes(swarm)).find(({ id }) => id === nodeId))?.engine;
}

async function ownNodeId(swarm: Swarm): Promise<string | undefined> {
  const known = ownIds.get(swarm);
  if (known) return known;
  const { Swarm: state } = await asInfra(swarm, swarm.docker.info());
  if (state?.LocalNodeState !== "active" || !state.ControlAvailable || !state.NodeID) return undefined;
  ownIds.set(swarm, state.NodeID);
  return state.NodeID;
}

function asNode({ ID, Spec, Description, Status }: ApiNode, engine: Engine | undefined): SwarmNode {
  return {
    id: ID,
    name: Description?.Hostname || ID,
    role: Spec.Role,
    state: Status.State,
    availability: Spec.Availability,
    labels: Spec.Labels ?? {},
    engineLabels: Description?.Engine?.Labels ?? {},
    address: Status.Addr ?? "",
    os: Description?.Platform?.OS ?? "",
    architecture: Description?.Platform?.Architecture ?? "",
    resources: Description?.Resources && {
      nanoCpus: Description.Resources.NanoCPUs ?? 0,
      memoryBytes: Description.Resources.MemoryBytes ?? 0,
    },
    engine,
  };
}

function clientOf({ Spec, Status }: ApiNode): Engine | undefined {
  const host = Spec.Labels?.[ENGINE_LABEL];
  if (!host || Status.State !== "ready") return undefined;
  const client = clients.get(host) ?? connect(host);
  clients.set(host, client);
  return client;
}

function byName(one: string, other: string): number {
  return one.localeCompare(other, "en", { numeric: true });
}
