import type { AppSpec, Labels, ServiceSpec } from "../app-spec.ts";
import { targetsOf } from "./targets.ts";
import { asTraefikReads, isExposed, namesIn, PROTOCOLS } from "./traefik-labels.ts";

/** The network that a platform's Traefik is in, and what its Swarm provider takes where a label names none. */
export const TRAEFIK_NETWORK = "proxy";

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
export function routing(app: Pick<AppSpec, "services">): Routing {
  const services = asTraefikReads(app);
  const exposed = services.filter(isExposed);
  const targets = exposed.flatMap((service) => PROTOCOLS.flatMap((protocol) => targetsOf(service, protocol, exposed)));
  const routed = new Set(targets.flatMap(({ service }) => service ?? []));
  return {
    routes: [...new Set(targets.flatMap(({ service, port }) => (service && port ? [`${service.key}:${port}`] : [])))],
    problems: [
      ...services.flatMap(unread),
      ...new Set(targets.flatMap(({ problem }) => problem ?? [])),
      ...[...routed].flatMap(unreachable),
      ...unrouted(exposed),
      ...exposed.flatMap(lockedOut),
    ],
  };
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

/** Without any router Traefik makes one of its own, for a host that is the service's name: nobody's domain. */
function unrouted(exposed: readonly ServiceSpec[]): string[] {
  const isMeant = ({ labels }: ServiceSpec) => PROTOCOLS.some((protocol) => hasAny(labels, `traefik.${protocol}.`));
  const isRouted = ({ labels }: ServiceSpec) =>
    PROTOCOLS.some((protocol) => hasAny(labels, `traefik.${protocol}.routers.`));
  if (exposed.some(isRouted)) return [];
  return exposed
    .filter(isMeant)
    .map(({ key }) => `${key} has traefik.enable=true, and no router: no deploy label says at which host it is shown`);
}

function hasAny(labels: Labels, prefix: string): boolean {
  return Object.keys(labels).some((key) => key.startsWith(prefix));
}

/** What is left of a hash in a label once docker has put empty texts in place of `$apr1`, the salt and what follows. */
const EATEN = /^(?:[./].*)?$/;

/** Users of basic authentication whose password nobody can give. */
function lockedOut({ key, labels }: ServiceSpec): string[] {
  return Object.entries(labels)
    .filter(([label]) => /^traefik\.http\.middlewares\.[^.]+\.basicauth\.users$/.test(label))
    .flatMap(([label, users]) => users.split(",").map((user) => ({ label, user: user.trim() })))
    .filter(({ user }) => user.includes(":") && EATEN.test(user.slice(user.indexOf(":") + 1)))
    .map(({ label, user }) => {
      const name = user.slice(0, user.indexOf(":"));
      return `${label} of ${key} has no whole hash for ${name}, who can't log in: each $ of a hash is $$ in a compose file`;
    });
}
