import type { ServiceSpec } from "../app-spec.ts";
import { namesIn, type Protocol } from "./traefik-labels.ts";

/** Where one router sends to. */
export interface Target {
  router?: string;
  service?: ServiceSpec;
  port?: number;
  /** Why it leads nowhere, one sentence. */
  problem?: string;
}

/** Providers that some Traefik calls what labels of a Swarm declare: only the first is that of today's (version 3). */
const SWARM = "swarm";
const FORMER = "docker";

/**
 * Routers that a service declares, and what Traefik makes of each.
 * @param exposed all services that Traefik is told of, with labels as it reads them
 */
export function targetsOf(service: ServiceSpec, protocol: Protocol, exposed: readonly ServiceSpec[]): Target[] {
  const routers = namesIn(service.labels, `traefik.${protocol}.routers.`);
  return routers.flatMap((router): Target[] => {
    const [named, provider] = (service.labels[`traefik.${protocol}.routers.${router}.service`] ?? "").split("@");
    if (provider === FORMER)
      return [
        {
          problem: `router ${router} of ${service.key} sends to ${named}@${FORMER}, and Traefik calls what a Swarm declares ${named}@${SWARM}`,
        },
      ];
    // Such as api@internal: Traefik's own, or of another provider.
    if (provider !== undefined && provider !== SWARM) return [];
    const own = namesIn(service.labels, `traefik.${protocol}.services.`);
    const name = named || own[0];
    if (!named && own.length > 1)
      return [{ problem: `router ${router} of ${service.key} names no service, and there are ${own.join(", ")}` }];
    const holder = name === undefined ? service : exposed.find((one) => hasService(one, protocol, name));
    if (!holder) return [{ problem: `router ${router} of ${service.key} sends to ${name}, which no service declares` }];
    return [{ router, service: holder, ...portOf(holder, protocol, name ?? "NAME") }];
  });
}

/** Swarm tells Traefik no port: without the label, or with a word in it, a service has no server. */
export function portOf(service: ServiceSpec, protocol: Protocol, name: string): Target {
  const server = `traefik.${protocol}.services.${name}.loadbalancer.server`;
  const url = service.labels[`${server}.url`];
  if (protocol === "http" && url !== undefined) return portOfUrl(service, `${server}.url`, url);
  const label = `${server}.port`;
  const text = service.labels[label];
  const port = /^\d{1,5}$/.test(text ?? "") ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return { port };
  const said = text === undefined ? "there is none" : `it is "${text}"`;
  return { problem: `Traefik needs the port of ${service.key} as a number in deploy label ${label}: ${said}` };
}

/** A whole address instead of a port, which Traefik takes as it is. */
function portOfUrl({ key }: ServiceSpec, label: string, text: string): Target {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url) return { problem: `deploy label ${label} of ${key} is no URL: "${text}"` };
  return { port: Number(url.port) || (url.protocol === "https:" ? 443 : 80) };
}

function hasService({ labels }: ServiceSpec, protocol: Protocol, name: string): boolean {
  return namesIn(labels, `traefik.${protocol}.services.`).includes(name);
}
