import type { Labels, ServiceSpec } from "../app-spec.ts";

export const PROTOCOLS = ["http", "tcp", "udp"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/**
 * Labels for Traefik as it reads them: it compares the keys of its own without regard to case (`loadBalancer.server.port`,
 * `entryPoints`), and takes names of routers, services and middlewares as they are (traefik/paerser
 * parser/nodes_metadata.go). Others stay.
 */
export function traefikLabels(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [keyOf(key), value]));
}

function keyOf(key: string): string {
  if (!/^traefik\./i.test(key)) return key;
  const parts = key.split(".");
  const named = /^traefik\.(http|tcp|udp)\.[^.]+\.[^.]+/i.test(key);
  return parts.map((part, index) => (named && index === 3 ? part : part.toLowerCase())).join(".");
}

/** The services of an app with {@link traefikLabels}. */
export function asTraefikReads({ services }: { services: readonly ServiceSpec[] }): ServiceSpec[] {
  return services.map((service) => ({
    ...service,
    labels: traefikLabels(service.labels),
    containerLabels: traefikLabels(service.containerLabels),
  }));
}

/** Names between a prefix and the next dot, each once. */
export function namesIn(labels: Labels, prefix: string): string[] {
  const keys = Object.keys(labels).filter((key) => key.startsWith(prefix));
  return [...new Set(keys.map((key) => key.slice(prefix.length).split(".")[0] ?? ""))];
}

/** Whether a service is shown by Traefik, where none is that does not say so. */
export function isExposed({ labels }: Pick<ServiceSpec, "labels">): boolean {
  return isTrue(labels["traefik.enable"]);
}

const [TRUE, FALSE] = [
  ["1", "t", "T", "true", "TRUE", "True"],
  ["0", "f", "F", "false", "FALSE", "False"],
];

/** As Traefik reads a truth value (Go's strconv.ParseBool). */
export function isTrue(text: string | undefined): boolean {
  return TRUE.includes(text ?? "");
}

/** Whether Traefik can read a truth value: it passes over a service with another text in `traefik.enable`. */
export function isTruth(text: string): boolean {
  return [...TRUE, ...FALSE].includes(text);
}
