import type { AppSpec, Port, ServiceSpec } from "../compose/app-spec.ts";
import { alwaysRuns } from "../compose/convert/lasting.ts";
import { httpRoutes, tcpRoutes } from "../compose/labels/http-routes.ts";
import type { Duration } from "../lib/duration.ts";
import type { CheckFunction } from "./check.ts";
import { waitFor } from "./wait-for.ts";

/** A service that its users reach by ports of the node alone. */
export interface Published {
  service: Pick<ServiceSpec, "key" | "name">;
  ports: readonly Port[];
}

/**
 * Services that publish ports and that no router leads to: by these, or not at all, users have them. Of both protocols
 * TCP tells more: UDP beside it is often a faster way that may be switched off.
 */
export function publishedAlone(app: AppSpec): Published[] {
  const routed = [...httpRoutes(app), ...tcpRoutes(app)].map(({ service }) => service);
  return app.services.filter(alwaysRuns).flatMap((service) => {
    const published = service.ports.filter((port) => port.published !== undefined);
    const tcp = published.filter(({ protocol }) => protocol === "tcp");
    const ports = tcp.length > 0 ? tcp : published.filter(({ protocol }) => protocol === "udp");
    return ports.length > 0 && !routed.includes(service.key) ? [{ service, ports }] : [];
  });
}

/**
 * Something listens behind what services publish. One port is enough where there are several: others may be for what is
 * switched off. What it speaks nobody here knows.
 *
 * @param within longest wait for each service
 */
export function listens(published: readonly Published[], within: Duration): CheckFunction {
  return async ({ probe, signal, clock }) => {
    const seen: string[] = [];
    for (const { service, ports } of published) {
      const look = async () => {
        const refused: string[] = [];
        for (const { target, protocol } of ports) {
          const reason = await (protocol === "udp"
            ? probe.takesUdp(service.name, target, signal)
            : probe.tcp(service.name, target, signal));
          if (!reason) return { done: true as const, value: `${service.key}:${target}` };
          refused.push(reason);
        }
        return { done: false as const, reason: refused.join(", ") };
      };
      const shown = ports.map((port) => `${port.published} (port ${port.target} of its containers)`).join(", ");
      const why = `${service.key} publishes ${shown}, and nothing listens there: is it the right port, and does it listen for all addresses?`;
      const what = `ports of ${service.name}`;
      seen.push(await waitFor(look, { what, deadline: within, owner: "recipe", every: "500 ms", signal, clock }, why));
    }
    return { summary: seen.join(", ") };
  };
}
