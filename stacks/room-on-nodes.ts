import type { AppSpec, ServiceSpec } from "../compose/app-spec.ts";
import { hasContainers } from "../compose/convert/lasting.ts";
import { bytes } from "../lib/bytes.ts";
import { plural } from "../lib/plural.ts";
import { fulfils } from "../swarm/constraint.ts";
import type { SwarmNode } from "../swarm/engines.ts";

/**
 * Services of an app that no node of a Swarm can take, one sentence each: Swarm would let their tasks wait for ever, and
 * say no more than that no node suits. Which labels and how much memory nodes have is their operators' business.
 */
export function withoutRoom(app: Pick<AppSpec, "services">, nodes: readonly SwarmNode[]): string[] {
  const usable = nodes.filter(({ state, availability }) => state === "ready" && availability === "active");
  if (usable.length === 0) return [];
  const services = app.services.filter(hasTasks);
  const alone = services.flatMap((service) => [...misplaced(service, usable), ...tooLarge(service, usable)]);
  if (alone.length > 0) return alone;
  return [...services.flatMap((service) => tooMany(service, usable)), ...tooMuch(services, usable)];
}

function hasTasks(service: ServiceSpec): boolean {
  return hasContainers(service) || service.mode.kind.endsWith("-job");
}

function misplaced({ key, placement }: ServiceSpec, nodes: readonly SwarmNode[]): string[] {
  const { constraints = [] } = placement ?? {};
  if (nodes.some((node) => constraints.every((text) => fulfils(node, text)))) return [];
  const unmet = constraints.filter((text) => !nodes.some((node) => fulfils(node, text)));
  const [first = ""] = unmet;
  const label = /^node\.labels\.(\S+?)\s*==\s*(\S+)$/i.exec(first.trim());
  const remedy = label
    ? `; where a node is to have it: docker node update --label-add ${label[1]}=${label[2]} NODE`
    : "";
  const asked = (unmet.length > 0 ? unmet : constraints).join(", ");
  const none = unmet.length > 0 ? "no node of this Swarm is so" : "no node of this Swarm is all of it";
  return [`service ${key} asks for a node by deploy.placement.constraints: ${asked}, and ${none}${remedy}`];
}

function fits({ placement }: ServiceSpec, node: SwarmNode): boolean {
  return (placement?.constraints ?? []).every((text) => fulfils(node, text));
}

/** Tasks of a service that run at the same time; those of a global one are as many as nodes. */
function tasksOf({ mode }: ServiceSpec, nodes: readonly SwarmNode[]): number {
  if (mode.kind === "replicated") return mode.replicas;
  if (mode.kind === "replicated-job") return mode.maxConcurrent;
  return nodes.length;
}

/** Swarm puts no more tasks of a service on a node than this, and lets the others wait. */
function tooMany(service: ServiceSpec, nodes: readonly SwarmNode[]): string[] {
  const { key, placement, mode } = service;
  const most = placement?.maxReplicas ?? 0;
  const suited = nodes.filter((node) => fits(service, node)).length;
  const wanted = tasksOf(service, nodes);
  if (most === 0 || !mode.kind.startsWith("replicated") || wanted <= most * suited) return [];
  return [
    `service ${key} wants ${plural(wanted, "task")}, and at most ${most} on a node (deploy.placement.max_replicas_per_node): this Swarm has ${plural(suited, "node")} for it`,
  ];
}

/** What all tasks of an app reserve together, where no single one is too large. */
function tooMuch(services: readonly ServiceSpec[], nodes: readonly SwarmNode[]): string[] {
  const reserving = services.filter(({ resources }) => resources?.reservations);
  const suited = nodes.filter((node) => reserving.some((service) => fits(service, node)));
  const known = suited.flatMap((node) => node.resources ?? []);
  if (reserving.length === 0 || known.length < suited.length) return [];
  const sum = (kind: "memoryBytes" | "nanoCpus") => ({
    wanted: reserving
      .map((one) => tasksOf(one, suited) * (one.resources?.reservations?.[kind] ?? 0))
      .reduce((all, one) => all + one, 0),
    there: known.map((one) => one[kind]).reduce((all, one) => all + one, 0),
  });
  const [memory, cpus] = [sum("memoryBytes"), sum("nanoCpus")];
  const who = `all tasks of ${reserving.map(({ key }) => key).join(", ")} together`;
  const where = suited.length === 1 ? "the node has" : `the ${suited.length} nodes that may have them have`;
  const at = "deploy.resources.reservations";
  return [
    ...(memory.wanted > memory.there
      ? [`${who} reserve ${bytes(memory.wanted)} of memory (${at}.memory), and ${where} ${bytes(memory.there)}`]
      : []),
    ...(cpus.wanted > cpus.there
      ? [`${who} reserve ${cpus.wanted / 1e9} processors (${at}.cpus), and ${where} ${cpus.there / 1e9}`]
      : []),
  ];
}

function tooLarge({ key, resources }: ServiceSpec, nodes: readonly SwarmNode[]): string[] {
  const { memoryBytes = 0, nanoCpus = 0 } = resources?.reservations ?? {};
  const known = nodes.flatMap((node) => node.resources ?? []);
  if (known.length < nodes.length) return [];
  const memory = Math.max(...known.map((one) => one.memoryBytes));
  const cpus = Math.max(...known.map((one) => one.nanoCpus));
  const at = "deploy.resources.reservations";
  return [
    ...(memoryBytes > memory
      ? [
          `service ${key} reserves ${bytes(memoryBytes)} of memory (${at}.memory), and no node has more than ${bytes(memory)}`,
        ]
      : []),
    ...(nanoCpus > cpus
      ? [`service ${key} reserves ${nanoCpus / 1e9} processors (${at}.cpus), and no node has more than ${cpus / 1e9}`]
      : []),
  ];
}
