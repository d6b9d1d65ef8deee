import type { AppSpec, Labels, ServiceSpec } from "../app-spec.ts";
import { contestedRules } from "./contested-rules.ts";
import { misnamedEntryPoints } from "./entry-points.ts";
import { hostsIn } from "./host-names.ts";
import { oldRules } from "./old-rules.ts";
import { slippedLabels } from "./slips.ts";
import { portOf, targetsOf } from "./targets.ts";
import { unknownLabels } from "./traefik-fields.ts";
import { asTraefikReads, isExposed, isTruth, namesIn, PROTOCOLS, type Protocol } from "./traefik-labels.ts";

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
export function routing(app: Pick<AppSpec, "services"> & Partial<Pick<AppSpec, "domain">>): Routing {
  const services = asTraefikReads(app);
  const exposed = services.filter(isExposed);
  const targets = exposed.flatMap((service) => PROTOCOLS.flatMap((protocol) => targetsOf(service, protocol, exposed)));
  const routed = new Set(targets.flatMap(({ service }) => service ?? []));
  return {
    routes: [...new Set(targets.flatMap(({ service, port }) => (service && port ? [`${service.key}:${port}`] : [])))],
    problems: [
      ...services.flatMap(({ key, labels }) => slippedLabels(key, labels, "traefik.")),
      ...services.flatMap(unread),
      ...(exposed.length === 0 ? services.flatMap((service) => switchedOff(service, app.domain)) : []),
      ...exposed.flatMap(unknownLabels),
      ...exposed.flatMap(misnamedEntryPoints),
      ...new Set(targets.flatMap(({ problem }) => problem ?? [])),
      ...[...routed].flatMap(unreachable),
      ...unrouted(exposed),
      ...exposed.flatMap(oldRules),
      ...exposed.flatMap(ofTwoProviders),
      ...PROTOCOLS.flatMap((protocol) => mixed(exposed, protocol)),
      ...contestedRules(app),
      ...exposed.flatMap(lockedOut),
      ...(targets.some(({ service, port }) => service && port) ? services.flatMap(takesEntry) : []),
    ],
  };
}

/** Labels for Traefik where it does not read them, or reads that it is not meant. */
function unread({ key, labels, containerLabels }: ServiceSpec): string[] {
  const routes = (all: Labels) => PROTOCOLS.some((protocol) => namesIn(all, `traefik.${protocol}.routers.`).length > 0);
  const enable = labels["traefik.enable"];
  if (routes(labels) && enable === undefined)
    return [`${key} declares routers, but no deploy label traefik.enable=true: Traefik passes it over`];
  if (routes(labels) && enable !== undefined && !isTruth(enable))
    return [`${key} declares routers, and its label traefik.enable is "${enable}", not true: Traefik passes it over`];
  if (routes(containerLabels) && !routes(labels))
    return [`the labels for Traefik of ${key} are its containers' (labels:), and Traefik reads those of deploy.labels`];
  return [];
}

/**
 * A router for the app's own domain that is off, where nothing else is shown: nobody reaches the app, and abra refuses
 * it (R010). One of several routers may be off by choice.
 */
function switchedOff({ key, labels }: ServiceSpec, domain: string | undefined): string[] {
  const rules = namesIn(labels, "traefik.http.routers.").flatMap(
    (name) => labels[`traefik.http.routers.${name}.rule`] ?? [],
  );
  const isMain = domain !== undefined && rules.some((rule) => hostsIn(rule).includes(domain));
  if (!isMain || !isTruth(labels["traefik.enable"] ?? "")) return [];
  return [`${key} declares a router for the app's domain, and traefik.enable=false: Traefik shows nothing of the app`];
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
  const own = names.find((name) => name.endsWith(`_${TRAEFIK_NETWORK}`));
  const remedy = own ? `, a network of the app's own: ${TRAEFIK_NETWORK} has to be external: true` : "";
  return [`Traefik is in network ${TRAEFIK_NETWORK} and can't reach ${key}: ${where}${remedy}`];
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

/**
 * Services that declare one of Traefik's under the same name: it has the servers of both in one list, and sends each
 * request to the next of them (traefik/traefik pkg/provider/configuration.go, AddService). Those of one program are as
 * good as replicas.
 */
function mixed(exposed: readonly ServiceSpec[], protocol: Protocol): string[] {
  const names = new Set(exposed.flatMap(({ labels }) => namesIn(labels, `traefik.${protocol}.services.`)));
  return [...names].flatMap((name) => {
    const servers = exposed
      .filter(({ labels }) => namesIn(labels, `traefik.${protocol}.services.`).includes(name))
      .flatMap((service) => {
        const { port } = portOf(service, protocol, name);
        return port === undefined ? [] : [{ at: `${service.key}:${port}`, program: programOf(service, port) }];
      });
    if (new Set(servers.map(({ program }) => program)).size < 2) return [];
    const all = servers.map(({ at }) => at).join(" and ");
    return [
      `Traefik's service ${name} (labels traefik.${protocol}.services.${name}) is declared for ${all}: it sends requests to them in turn, whichever was meant`,
    ];
  });
}

function programOf({ image, command, args }: ServiceSpec, port: number): string {
  return JSON.stringify([image, command, args, port]);
}

/** Traefik skips what has labels for either of its providers (traefik/traefik pkg/provider/docker/shared_labels.go). */
function ofTwoProviders({ key, labels }: ServiceSpec): string[] {
  const names = ["traefik.docker.", "traefik.swarm."].map((prefix) =>
    Object.keys(labels).find((name) => name.startsWith(prefix) && labels[name] !== ""),
  );
  if (names.some((name) => name === undefined)) return [];
  return [`${key} has the labels ${names.join(" and ")}: Traefik skips a service that has both kinds`];
}

/** Ports of a node that operators' Traefik has for every site (recipe traefik: entry points web and web-secure). */
const ENTRY_PORTS: readonly number[] = [80, 443];

/** A port of a routed app that Swarm refuses beside Traefik. What routes to nothing of its own may be a proxy itself. */
function takesEntry({ key, ports }: ServiceSpec): string[] {
  return ports
    .filter(({ published, protocol }) => protocol === "tcp" && ENTRY_PORTS.includes(published ?? 0))
    .map(
      ({ published }) =>
        `${key} publishes port ${published} of the node, which Traefik has: Swarm refuses it beside Traefik`,
    );
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
