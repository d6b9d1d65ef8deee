import type Docker from "dockerode";
import { InfraError } from "../lib/errors.ts";
import { asInfra, type Engine, inSwarm, type Swarm } from "./client.ts";
import { type SwarmNode, swarmNodes } from "./engines.ts";
import { ENTRY_LABELS } from "./entry/labels.ts";
import { NAMESPACE_LABEL, RUN_LABEL, SERVICE_ID_LABEL } from "./run-label.ts";
import { listTasks, type Task } from "./task.ts";

/** `node`: one that can't be looked at, where something may lie. */
export type InventoryKind = "service" | "task" | "container" | "network" | "volume" | "secret" | "config" | "node";

/** One object on a node, or of the Swarm. */
export interface InventoryEntry {
  kind: InventoryKind;
  id: string;
  name: string;
  /** The run it belongs to: its own label, else that of its service. */
  run?: string;
  /** Swarm namespace it was deployed under. */
  namespace?: string;
  /** It is the node's own: of the Traefik that stands before all apps. */
  platform?: boolean;
  /** Service a task or container belongs to. */
  serviceId?: string;
  /** Host name of the node it lies on; undefined for the Swarm's own, and on the node that was asked. */
  node?: string;
}

export interface Inventory {
  entries: InventoryEntry[];
  /** Nodes on which nobody could look. Undefined: all could be looked at. */
  unseen?: UnseenNode[];
  /** The other nodes of the Swarm that were looked at. Undefined: there are none. */
  others?: readonly { id: string; name: string }[];
}

/** A node whose engine can't be asked: it is down, does not answer, or nobody says where it is reached. */
export interface UnseenNode {
  id: string;
  name: string;
  /** It is ready all the same, as far as its Swarm knows by now. */
  ready: boolean;
}

type Labels = Record<string, string> | null | undefined;

/**
 * Every object on all nodes that a run could leave behind. A volume's id is its name. Left out are cluster-wide
 * objects when the engine is in no Swarm, and tasks of services that are gone: Swarm itself strikes those off its
 * list some seconds later, and their containers are listed on their own.
 *
 * @throws InfraError when the manager's engine does not answer.
 */
export async function inventory(swarm: Swarm): Promise<Inventory> {
  const { docker } = swarm;
  const nodes = await swarmNodes(swarm);
  const lists = Promise.all([
    inSwarm(docker.listServices()),
    inSwarm(listTasks(swarm)),
    inSwarm(docker.listSecrets()),
    inSwarm(docker.listConfigs()),
  ]);
  const [[services, tasks, secrets, configs], own, ...others] = await Promise.all([
    asInfra(swarm, lists),
    onNode(swarm),
    ...nodes.slice(1).map(lookAt),
  ]);
  const seen = [own, ...others.filter((other) => "containers" in other)];
  const unseen = others.filter((other) => "ready" in other);
  const lookedAt = nodes.slice(1).filter(({ id }) => !unseen.some((one) => one.id === id));
  const owners = new Map(services.map((service) => [service.ID, service]));
  return {
    ...(unseen.length > 0 && { unseen }),
    ...(lookedAt.length > 0 && { others: lookedAt.map(({ id, name }) => ({ id, name })) }),
    entries: [
      ...services.map((service) => entry("service", service.ID, service.Spec?.Name, service.Spec?.Labels)),
      ...tasks.filter((task) => owners.has(task.ServiceID)).map((task) => taskEntry(task, owners)),
      ...seen.flatMap(({ node, containers }) => containers.map((one) => ({ ...containerEntry(one, owners), node }))),
      ...networkEntries(seen),
      ...seen.flatMap(({ node, volumes }) =>
        volumes.map(({ Name, Labels }) => ({ ...entry("volume", Name, Name, Labels), node })),
      ),
      ...secrets.map((secret) => entry("secret", secret.ID, secret.Spec?.Name, secret.Spec?.Labels)),
      ...configs.map((config) => entry("config", config.ID, config.Spec?.Name, config.Spec?.Labels)),
    ],
  };
}

/** What is each node's own. */
interface OnNode {
  node?: string;
  containers: Docker.ContainerInfo[];
  networks: Docker.NetworkInspectInfo[];
  volumes: Docker.VolumeInspectInfo[];
}

async function lookAt({ engine, id, name, state }: SwarmNode): Promise<OnNode | UnseenNode> {
  const unseen = { id, name, ready: state === "ready" };
  if (!engine) return unseen;
  try {
    return await onNode(engine, name);
  } catch (error) {
    if (!(error instanceof InfraError)) throw error;
    return unseen;
  }
}

async function onNode(engine: Engine, node?: string): Promise<OnNode> {
  const { docker } = engine;
  const lists = Promise.all([docker.listContainers({ all: true }), docker.listNetworks(), docker.listVolumes()]);
  const [containers, networks, { Volumes }] = await asInfra(engine, lists);
  const volumes: Docker.VolumeInspectInfo[] | null = Volumes;
  return { node, containers, networks, volumes: volumes ?? [] };
}

/** A network of the Swarm is shown by every node that has a task on it: it is one all the same. */
function networkEntries(nodes: readonly OnNode[]): InventoryEntry[] {
  const seen = new Map<string, InventoryEntry>();
  for (const { node, networks } of nodes)
    for (const { Id, Name, Labels } of networks)
      if (!seen.has(Id)) seen.set(Id, { ...entry("network", Id, Name, Labels), node });
  return [...seen.values()];
}

function entry(kind: InventoryKind, id: string, name: string | undefined, labels: Labels): InventoryEntry {
  const platform = labels?.[ENTRY_LABELS.platform] !== undefined;
  const whose = { run: labels?.[RUN_LABEL], namespace: labels?.[NAMESPACE_LABEL] };
  return { kind, id, name: name ?? id, ...whose, ...(platform && { platform }) };
}

function taskEntry(task: Task, owners: ReadonlyMap<string, Docker.Service>): InventoryEntry {
  const owner = owners.get(task.ServiceID)?.Spec;
  const place = task.Slot ?? task.NodeID ?? "";
  const name = `${owner?.Name ?? task.ServiceID}.${place}`;
  return { ...entry("task", task.ID, name, owner?.Labels), serviceId: task.ServiceID };
}

function containerEntry(container: Docker.ContainerInfo, owners: ReadonlyMap<string, Docker.Service>): InventoryEntry {
  const own: Labels = container.Labels;
  // None of one that the engine could not remove whole.
  const names: readonly string[] | null = container.Names;
  const serviceId = own?.[SERVICE_ID_LABEL];
  const owner = serviceId ? owners.get(serviceId)?.Spec?.Labels : undefined;
  const name = names?.[0]?.replace(/^\//, "");
  const labels = { ...owner, ...own };
  return { ...entry("container", container.Id, name, labels), serviceId };
}
