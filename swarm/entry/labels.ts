/** A port of Traefik's beside `web` and `web-secure`. */
export interface EntryPoint {
  name: string;
  port: number;
  protocol: "tcp" | "udp";
}

/** Labels of a node's Traefik, by which it is found, and told from what recipes deploy. */
export const ENTRY_LABELS = {
  platform: "recipe-ci.platform",
  baseDomain: "recipe-ci.platform.base-domain",
  address: "recipe-ci.platform.address",
  entryPoints: "recipe-ci.platform.entrypoints",
} as const;

/** Value of {@link ENTRY_LABELS.platform} of the config that holds the certificate of the authority. */
export const AUTHORITY = "authority";

/** Name of the service that a node's Traefik is. */
export const TRAEFIK_SERVICE = "recipe-ci-traefik";

/** Where its API and its ping listen: for nobody but who is in its container's network. */
export const TRAEFIK_INTERNAL = "127.0.0.1:8080";
