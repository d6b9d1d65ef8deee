import type { AppSpec, ServiceSpec } from "../compose/app-spec.ts";
import { hasContainers } from "../compose/convert/lasting.ts";
import { bytes } from "../lib/bytes.ts";
import { fulfils } from "../swarm/constraint.ts";
import type { SwarmNode } from "../swarm/engines.ts";

/**
 * Services of an app that no node of a Swarm can take, one sentence each: Swarm would let their tasks wait for ever, and
 * say no more than that no node suits. Which labels and how much memory nodes have is their operators' business.
 */
export function withoutRoom(app: Pick<AppSpec, "services">, nodes: readonly SwarmNode[]): string[] {
  const usable = nodes.filter(({ state, availability }) => state === "ready" && availability === "active");
  if (usable.length === 0) return [];
  return app.services
    .filter(hasTasks)
    .flatMap((service) => [...misplaced(service, usable), ...tooLarge(service, usable)]);
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
