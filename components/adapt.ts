import type { AppSpec, ServiceSpec } from "../compose/app-spec.ts";
import type { SwarmNode } from "../swarm/engines.ts";
import type { Adaptation } from "./adaptation.ts";
import { keepTogether } from "./place.ts";

/**
 * Changes an AppSpec as little as it takes to run on a node with the given capabilities, and lists what was
 * changed. Without IPVS the ingress mesh does not route: published ports open on the node itself, where one task has
 * them at a time. Nor does a virtual IP, though it resolves, unless the node sees to that by itself (`virtualIps`):
 * services are found by DNS instead.
 *
 * @param place the node that all services are to share, in a Swarm of several
 */
export function adaptToNode(
  app: AppSpec,
  capabilities: Record<string, boolean>,
  place?: SwarmNode,
): { app: AppSpec; adaptations: Adaptation[] } {
  const kept = place ? keepTogether(app, place) : { app, adaptations: [] };
  if (capabilities.ipvs !== false) return kept;
  const adaptations: Adaptation[] = [];
  const isLed = capabilities.virtualIps === true;
  const services = kept.app.services.map((service) => withoutIpvs(service, isLed, adaptations));
  return { app: { ...app, services }, adaptations: [...kept.adaptations, ...adaptations] };
}

function withoutIpvs(service: ServiceSpec, isLed: boolean, adaptations: Adaptation[]): ServiceSpec {
  const reason = "the node's kernel has no IPVS";
  const endpointMode = isLed ? service.endpointMode : "dnsrr";
  if (service.endpointMode !== endpointMode) {
    adaptations.push({ subject: service.name, change: "endpoint_mode vip -> dnsrr", reason });
  }
  const ports = service.ports.flatMap((port) => {
    if (port.mode === "host") return [port];
    const isOpen = port.published === undefined || !overlaps(service);
    const shown = `${port.published ?? "random"}:${port.target}/${port.protocol}`;
    const change = `port ${shown} ingress -> ${isOpen ? "host mode" : "not published"}`;
    adaptations.push({ subject: service.name, change, reason });
    return isOpen ? [{ ...port, mode: "host" as const }] : [];
  });
  return { ...service, endpointMode, ports };
}

/** Whether a node has two tasks of a service at once, of which only one could open a port on it. */
function overlaps({ mode, updateConfig, rollbackConfig }: ServiceSpec): boolean {
  const startsFirst = [updateConfig, rollbackConfig].some((config) => config?.order === "start-first");
  return startsFirst || (mode.kind === "replicated" && mode.replicas > 1);
}
