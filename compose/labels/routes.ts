import type { AppSpec, Labels, ServiceSpec } from "../app-spec.ts";
import { hostsIn } from "./host-names.ts";

/** The network that a platform's Traefik is in, and what its Swarm provider takes where a label names none. */
export const TRAEFIK_NETWORK = "proxy";
const PROTOCOLS = ["http", "tcp", "udp"] as const;

/** What an app's labels tell Traefik. */
export interface Routing {
  /** `app:80`, one for each service and port that requests are sent to. */
  routes: string[];
  /** Why requests would not arrive, one sentence each. */
  problems: string[];
}

/**
 * Whether Traefik finds its way to the services that an app has it route to, judged by the labels that it reads and by
 * the network that it would use (traefik/traefik pkg/provider/docker: pswarm.go, config.go). An app without such
 * labels has no routes, and no problems.
 */
export function routing({ services }: Pick<AppSpec, "services">): Routing {
  const exposed = services.filter(({ labels }) => isTrue(labels["traefik.enable"]));
  const targets = exposed.flatMap((service) => PROTOCOLS.flatMap((protocol) => targetsOf(service, protocol, exposed)));
  const routed = new Set(targets.flatMap(({ service }) => service ?? []));
  return {
    routes: [...new Set(targets.flatMap(({ service, port }) => (service && port ? [`${service.key}:${port}`] : [])))],
    problems: [
      ...services.flatMap(unread),
      ...new Set(targets.flatMap(({ problem }) => problem ?? [])),
      ...[...routed].flatMap(unreachable),
    ],
  };
}

/**
 * The service and port that the first HTTP route of an app leads to; without a route, those that a label names all the
 * same.
 */
export function webPort({ services }: Pick<AppSpec, "services">): { service: ServiceSpec; port: number } | undefined {
  const exposed = services.filter(({ labels }) => isTrue(labels["traefik.enable"]));
  const routed = exposed.flatMap((service) => targetsOf(service, "http", exposed));
  const named = services.flatMap((service) =>
    namesIn(service.labels, "traefik.http.services.").map((name): Target => {
      return { service, ...portOf(service, "http", name) };
    }),
  );
  for (const { service, port } of [...routed, ...named]) if (service && port) return { service, port };
  return undefined;
}

/** One HTTP router of an app, and where it leads. */
export interface HttpRoute {
  /** Name of the router. */
  router: string;
  /** Key of the service that it is declared by, or sends to. */
  service: string;
  port: number;
  rule: string;
  /** Hosts that its rule names. */
  hosts: string[];
  /** Entry points that its label names. Default: all that Traefik has. */
  entryPoints?: string[];
}

/** The HTTP routers of an app that lead somewhere. */
export function httpRoutes({ services }: Pick<AppSpec, "services">): HttpRoute[] {
  const exposed = services.filter(({ labels }) => isTrue(labels["traefik.enable"]));
  return exposed.flatMap((declaring) =>
    targetsOf(declaring, "http", exposed).flatMap(({ router = "", service, port }): HttpRoute[] => {
      if (!service || !port) return [];
      const rule = declaring.labels[`traefik.http.routers.${router}.rule`] ?? "";
      const points = declaring.labels[`traefik.http.routers.${router}.entrypoints`]?.split(",");
      const entryPoints = points?.map((point) => point.trim());
      return [{ router, service: service.key, port, rule, hosts: hostsIn(rule), ...(entryPoints && { entryPoints }) }];
    }),
  );
}

type Protocol = (typeof PROTOCOLS)[number];

/** Where one router sends to. */
interface Target {
  router?: string;
  service?: ServiceSpec;
  port?: number;
  problem?: string;
}

/** Routers that a service declares, and what Traefik makes of each. */
function targetsOf(service: ServiceSpec, protocol: Protocol, exposed: readonly ServiceSpec[]): Target[] {
  const routers = namesIn(service.labels, `traefik.${protocol}.routers.`);
  return routers.flatMap((router): Target[] => {
    const named = service.labels[`traefik.${protocol}.routers.${router}.service`];
    // Such as api@internal: Traefik's own, or of another provider.
    if (named?.includes("@")) return [];
    const own = namesIn(service.labels, `traefik.${protocol}.services.`);
    const name = named ?? own[0];
    if (!named && own.length > 1)
      return [{ problem: `router ${router} of ${service.key} names no service, and there are ${own.join(", ")}` }];
    const holder = name === undefined ? service : exposed.find((one) => hasService(one, protocol, name));
    if (!holder) return [{ problem: `router ${router} of ${service.key} sends to ${name}, which no service declares` }];
    return [{ router, service: holder, ...portOf(holder, protocol, name ?? "NAME") }];
  });
}

/** Swarm tells Traefik no port: without the label, or with a word in it, a service has no server. */
function portOf(service: ServiceSpec, protocol: Protocol, name: string): Target {
  const label = `traefik.${protocol}.services.${name}.loadbalancer.server.port`;
  const text = service.labels[label];
  const port = /^\d{1,5}$/.test(text ?? "") ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return { port };
  const said = text === undefined ? "there is none" : `it is "${text}"`;
  return { problem: `Traefik needs the port of ${service.key} as a number in deploy label ${label}: ${said}` };
}

function hasService({ labels }: ServiceSpec, protocol: Protocol, name: string): boolean {
  return namesIn(labels, `traefik.${protocol}.services.`).includes(name);
}

/** Labels for Traefik where it does not read them, or reads that it is not meant. */
function unread({ key, labels, containerLabels }: ServiceSpec): string[] {
  const routes = (all: Labels) => PROTOCOLS.some((protocol) => namesIn(all, `traefik.${protocol}.routers.`).length > 0);
  if (routes(labels) && labels["traefik.enable"] === undefined)
    return [`${key} declares routers, but no deploy label traefik.enable=true: Traefik passes it over`];
  if (routes(containerLabels) && !routes(labels))
    return [`the labels for Traefik of ${key} are its containers' (labels:), and Traefik reads those of deploy.labels`];
  return [];
}

/** Traefik takes the address in the named network; in none of that name, that of the first network it finds. */
function unreachable({ key, labels, networks }: ServiceSpec): string[] {
  const names = networks.map(({ name }) => name);
  const label = ["traefik.swarm.network", "traefik.docker.network"].find((one) => labels[one]) ?? "";
  const wanted = labels[label] ?? TRAEFIK_NETWORK;
  const at = names.includes(wanted) ? [wanted] : names;
  if (at.length > 0 && at.every((name) => name === TRAEFIK_NETWORK)) return [];
  const where = names.length > 0 ? `it is in ${names.join(", ")}` : "it is in no network";
  if (label && !names.includes(wanted)) return [`${label} of ${key} names ${wanted}, and ${where}`];
  if (label) return [`${label} of ${key} names ${wanted}, and Traefik is in ${TRAEFIK_NETWORK}`];
  return [`Traefik is in network ${TRAEFIK_NETWORK} and can't reach ${key}: ${where}`];
}

/** Names between a prefix and the next dot, each once. */
export function namesIn(labels: Labels, prefix: string): string[] {
  const keys = Object.keys(labels).filter((key) => key.startsWith(prefix));
  return [...new Set(keys.map((key) => key.slice(prefix.length).split(".")[0] ?? ""))];
}

/** As Traefik reads a truth value (Go's strconv.ParseBool). */
function isTrue(text: string | undefined): boolean {
  return ["1", "t", "T", "true", "TRUE", "True"].includes(text ?? "");
}
