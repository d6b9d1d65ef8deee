import type { AppSpec, ServiceSpec } from "../compose/app-spec.ts";
import { fulfils } from "../swarm/constraint.ts";
import type { SwarmNode } from "../swarm/engines.ts";
import type { Adaptation } from "./adaptation.ts";

/** The constraint that lets a service run on one node alone. */
export function onlyOn({ id }: Pick<SwarmNode, "id">): string {
  return `node.id==${id}`;
}

/**
 * Keeps an app's services together on one node, since volumes are each node's own. A service whose own placement that
 * node does not fulfil goes where its recipe sends it.
 */
export function keepTogether(app: AppSpec, node: SwarmNode): { app: AppSpec; adaptations: Adaptation[] } {
  const together = app.services.filter((service) => suits(service, node));
  const adaptations = together.map(({ name: subject }) => ({
    subject,
    change: `runs on node ${node.name} alone`,
    reason: "volumes are each node's own",
  }));
  const services = app.services.map((service) => (together.includes(service) ? pinned(service, node) : service));
  return { app: { ...app, services }, adaptations };
}

function pinned(service: ServiceSpec, node: SwarmNode): ServiceSpec {
  const { constraints = [], preferences = [], maxReplicas } = service.placement ?? {};
  return { ...service, placement: { constraints: [...constraints, onlyOn(node)], preferences, maxReplicas } };
}

/** Whether all tasks of a service may run on a node, by what the service itself asks for. */
export function suits({ placement, mode }: ServiceSpec, node: SwarmNode): boolean {
  const { constraints = [], maxReplicas = 0 } = placement ?? {};
  const replicas = mode.kind === "replicated" ? mode.replicas : 1;
  return (maxReplicas === 0 || replicas <= maxReplicas) && constraints.every((text) => fulfils(node, text));
}
