import type { AppSpec, Labels, ServiceSpec } from "../app-spec.ts";
import { hostsIn } from "./host-names.ts";
import { pathOf } from "./rule-path.ts";
import { portOf, type Target, targetsOf } from "./targets.ts";
import { asTraefikReads, isExposed, isTrue, namesIn, type Protocol } from "./traefik-labels.ts";

type Routed = Pick<AppSpec, "services"> & Partial<Pick<AppSpec, "domain">>;

/** One router of an app, and where it leads. */
export interface Route {
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
  /** Its labels ask for TLS. */
  overTls: boolean;
  /** Its labels say where it comes among others. */
  ranked: boolean;
}

export interface TcpRoute extends Route {
  /** TLS ends in the app. */
  passthrough: boolean;
}

export interface HttpRoute extends Route {
  /** The path at which its rule begins; `/` where it takes all. */
  path: string;
  /** Middlewares that its label names, in their order. */
  middlewares: string[];
}

/** The HTTP routers of an app that lead somewhere. */
export function httpRoutes(app: Pick<AppSpec, "services">): HttpRoute[] {
  return routesOf(app, "http").map(({ labels, ...route }) => {
    const middlewares = listIn(labels[`traefik.http.routers.${route.router}.middlewares`]) ?? [];
    return { ...route, path: pathOf(route.rule), middlewares };
  });
}

/** The TCP routers of an app that lead somewhere. */
export function tcpRoutes(app: Pick<AppSpec, "services">): TcpRoute[] {
  return routesOf(app, "tcp").map(({ labels, ...route }) => {
    return { ...route, passthrough: isTrue(labels[`traefik.tcp.routers.${route.router}.tls.passthrough`]) };
  });
}

/** The HTTP route that users of an app begin at: over TLS, for the app's domain, and for every path, in this order. */
export function mainRoute(app: Routed): HttpRoute | undefined {
  const rank = ({ entryPoints, hosts, path }: HttpRoute) =>
    (entryPoints?.includes("web-secure") === false ? 4 : 0) +
    (app.domain !== undefined && hosts.includes(app.domain) ? 0 : 2) +
    (path === "/" ? 0 : 1);
  return httpRoutes(app).sort((one, other) => rank(one) - rank(other))[0];
}

/**
 * The service and port that the main HTTP route of an app leads to; without a route, those that a label names all the
 * same.
 */
export function webPort(app: Routed): { service: ServiceSpec; port: number } | undefined {
  const main = mainRoute(app);
  const named = asTraefikReads(app).flatMap((service) =>
    namesIn(service.labels, "traefik.http.services.").map((name): Target => {
      return { service, ...portOf(service, "http", name) };
    }),
  );
  const first = named.find(({ port }) => port !== undefined);
  const { key, port } = main ? { key: main.service, port: main.port } : { key: first?.service?.key, port: first?.port };
  const service = app.services.find((one) => one.key === key);
  return service && port !== undefined ? { service, port } : undefined;
}

function routesOf(app: Pick<AppSpec, "services">, protocol: Protocol): (Route & Pick<ServiceSpec, "labels">)[] {
  const exposed = asTraefikReads(app).filter(isExposed);
  return exposed.flatMap(({ labels, ...declaring }) =>
    targetsOf({ labels, ...declaring }, protocol, exposed).flatMap(({ router = "", service, port }) => {
      if (!service || !port) return [];
      const own = `traefik.${protocol}.routers.${router}`;
      const rule = labels[`${own}.rule`] ?? "";
      const entryPoints = listIn(labels[`${own}.entrypoints`]);
      const asked = { overTls: isOverTls(labels, `${own}.tls`), ranked: `${own}.priority` in labels };
      const to = { router, service: service.key, port, rule, hosts: hostsIn(rule) };
      return [{ ...to, ...asked, labels, ...(entryPoints && { entryPoints }) }];
    }),
  );
}

function isOverTls(labels: Labels, label: string): boolean {
  return Object.entries(labels).some(([key, value]) =>
    key === label ? value.toLowerCase() !== "false" : key.startsWith(`${label}.`),
  );
}

/** What a label lists, between commas; undefined without the label. */
export function listIn(text: string | undefined): string[] | undefined {
  return text?.split(",").map((one) => one.trim());
}
