import { nearest } from "../../lib/nearest.ts";
import type { ServiceSpec } from "../app-spec.ts";
import type { Protocol } from "./traefik-labels.ts";

/** What Traefik has below a part of a label; `true` for whatever is there. */
interface Fields {
  readonly [field: string]: Fields | true;
}

const TLS = { options: true, certresolver: true, domains: true } as const;
const UDP_ROUTER = { entrypoints: true, service: true } as const;
const ROUTER = { ...UDP_ROUTER, middlewares: true, rule: true, rulesyntax: true, priority: true } as const;
const BALANCER = { healthcheck: true, serverstransport: true } as const;

/**
 * The fields that labels may set, those of Traefik 2 and 3 (traefik/traefik pkg/config/dynamic), in lower case. What
 * only files may set, Traefik takes from labels as well, and uses it for nothing.
 */
const FIELDS: Record<Protocol, Fields> = {
  http: {
    routers: { ...ROUTER, tls: TLS, observability: true, parentrefs: true },
    services: {
      loadbalancer: {
        ...BALANCER,
        sticky: true,
        strategy: true,
        passhostheader: true,
        responseforwarding: true,
        passivehealthcheck: true,
        server: { url: true, scheme: true, port: true, weight: true, preservepath: true, fenced: true },
      },
      weighted: true,
      highestrandomweight: true,
      mirroring: true,
      failover: true,
      middlewares: true,
    },
    middlewares: true,
    models: true,
    serverstransports: true,
  },
  tcp: {
    routers: { ...ROUTER, tls: { ...TLS, passthrough: true } },
    services: {
      loadbalancer: {
        ...BALANCER,
        proxyprotocol: true,
        terminationdelay: true,
        server: { address: true, port: true, tls: true },
      },
      weighted: true,
    },
    middlewares: true,
    models: true,
    serverstransports: true,
  },
  udp: {
    routers: UDP_ROUTER,
    services: { loadbalancer: { server: { address: true, port: true } }, weighted: true },
    middlewares: true,
  },
};

/** Labels that Traefik 1 had, and no later one reads. */
const FIRST = /^traefik\.(?:[\w-]+\.)?(?:frontend|backend|port|protocol|weight)(?:\.|$)/;

/**
 * Labels that Traefik does not know, one sentence each: it then passes over the service, with all its labels
 * (traefik/paerser parser/nodes_metadata.go: "field not found"; pkg/provider/docker/config.go).
 * @param service that Traefik is told of, with labels as it reads them
 */
export function unknownLabels({ key, labels }: Pick<ServiceSpec, "key" | "labels">): string[] {
  const names = Object.keys(labels);
  const unknown = names.flatMap((label) => {
    const meant = meantBy(label);
    if (meant === undefined) return [];
    const likely = meant === "" ? "" : `; likely meant: ${meant}`;
    return [`${key} has the label ${label}, which Traefik does not know, so it passes the service over${likely}`];
  });
  const first = names.find((label) => FIRST.test(label));
  const isRouted = names.some((label) => /^traefik\.(http|tcp|udp)\.routers?\./.test(label));
  if (first === undefined || isRouted) return unknown;
  return [...unknown, `${key} has the label ${first} of Traefik 1, which no later one reads, and no router`];
}

/** What was likely meant by a label that Traefik does not know; empty where nobody can tell, undefined for one it knows. */
function meantBy(label: string): string | undefined {
  const [, protocol = "", kind = "", name = "", ...fields] = label.split(".");
  const kinds = FIELDS[protocol as Protocol];
  if (!label.startsWith("traefik.") || !Object.hasOwn(FIELDS, protocol) || kind === "") return undefined;
  const known = kinds[kind];
  const at = (...parts: readonly string[]) => ["traefik", protocol, ...parts].join(".");
  if (known === undefined) {
    const near = nearest(kind, Object.keys(kinds));
    return near ? at(near, name, ...fields) : "";
  }
  if (known === true || fields.length === 0) return undefined;
  const wrong = wrongField(known, fields);
  if (wrong === undefined) return undefined;
  const other = kind === "routers" ? "services" : "routers";
  // What stands at another place is meant before what is written otherwise.
  const tried: [string, string[]][] = [
    [kind, ["loadbalancer", ...fields]],
    [kind, ["tls", ...fields]],
    [other, fields],
    [other, ["loadbalancer", ...fields]],
    ["services", ["loadbalancer", "server", ...fields]],
    ["services", fields.length > 1 ? ["loadbalancer", "server", ...fields.slice(1)] : fields],
    [kind, near(known, fields)],
  ];
  const fits = tried.find(([where, path]) => {
    const there = kinds[where];
    return there !== undefined && there !== true && wrongField(there, path) === undefined;
  });
  return fits ? at(fits[0], name, ...fits[1]) : "";
}

/** The first of some fields that is not there. */
function wrongField(known: Fields, [first, ...rest]: readonly string[]): string | undefined {
  const name = first?.replace(/\[\d+\]$/, "");
  if (name === undefined || name === "") return undefined;
  const below = Object.hasOwn(known, name) ? known[name] : undefined;
  if (below === undefined) return name;
  return below === true ? undefined : wrongField(below, rest);
}

/** The same fields with names that Traefik has, as far as one is near. */
function near(known: Fields, [first, ...rest]: readonly string[]): string[] {
  if (first === undefined) return [];
  const name = Object.hasOwn(known, first) ? first : (nearest(first, Object.keys(known)) ?? first);
  const below = known[name];
  return [name, ...(below === undefined || below === true ? rest : near(below, rest))];
}
