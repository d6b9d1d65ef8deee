import type { ServiceSpec } from "../app-spec.ts";
import { TRAEFIK_NETWORK } from "./routes.ts";
import { asTraefikReads, namesIn } from "./traefik-labels.ts";

/** A service in the network of all apps looks one of its own app up by a name that others have there as well. */
export interface SharedLookup {
  /** Key of the service that looks. */
  service: string;
  /** The name. */
  name: string;
  /** Where it stands, for a person: `environment BACKEND_URL`. */
  where: string;
  /** Nearly every app has it. Default: some may. */
  common: boolean;
}

type Services = { services: readonly ServiceSpec[] };

/** What nearly every recipe calls the service that Traefik routes to. */
const COMMON = ["app"];
/** What recipes also call services that are in `proxy`. */
const OTHERS = ["web", "nginx", "api", "frontend", "backend", "server", "proxy"];

/** Variables whose whole value is a host. */
const HOST_VARIABLE = /(?:^|_)(?:HOST|HOSTNAME|SERVER|ADDR|ADDRESS|UPSTREAM)$/;

/**
 * Lookups that may find a service of another app: a service in `proxy` asks for one of its own app by its bare key, which
 * each service that is in `proxy` bears there as an alias. Names of other apps' databases are not there.
 */
export function sharedLookups({ services }: Services): SharedLookup[] {
  const names = services.map(({ key }) => key).filter((key) => [...COMMON, ...OTHERS].includes(key));
  return services.filter(isInProxy).flatMap((service) =>
    names.flatMap((name) => {
      const where = textsOf(service).find(([place, text]) => looksUp(place, text, name))?.[0];
      return where ? [{ service: service.key, name, where, common: COMMON.includes(name) }] : [];
    }),
  );
}

/** Names of an app's routers, services and middlewares that any other app of the recipe has as well. */
export function sharedRouters(app: Services, namespace: string): string[] {
  const kinds = ["routers", "services", "middlewares"].flatMap((kind) =>
    ["http", "tcp", "udp"].map((one) => `${one}.${kind}`),
  );
  const names = asTraefikReads(app).flatMap(({ labels }) =>
    kinds.flatMap((kind) => namesIn(labels, `traefik.${kind}.`).map((name) => ({ kind: kind.slice(0, -1), name }))),
  );
  const fixed = names.filter(({ name }) => !name.includes(namespace));
  return [...new Set(fixed.map(({ kind, name }) => `${kind.split(".")[1]} ${name}`))];
}

function isInProxy({ networks }: ServiceSpec): boolean {
  return networks.some(({ name }) => name === TRAEFIK_NETWORK);
}

function textsOf({ env, command = [], args = [] }: ServiceSpec): [where: string, text: string][] {
  const variables = Object.entries(env).flatMap(([key, value]): [string, string][] =>
    value === null ? [] : [[`environment ${key}`, value]],
  );
  return [...variables, ...[...command, ...args].map((text): [string, string] => ["command", text])];
}

function looksUp(where: string, text: string, name: string): boolean {
  if (HOST_VARIABLE.test(where) && text === name) return true;
  // In a URL, or with a port.
  return new RegExp(`(?:://(?:[^\\s/@]*@)?${name}(?=[:/?\\s"']|$))|(?:(?<![\\w.-])${name}:\\d{2,5}(?!\\d))`).test(text);
}
