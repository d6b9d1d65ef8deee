import type { CanonicalCompose, CanonicalService } from "./canonical.ts";

/** Keys a Swarm ignores (docker/cli, cli/compose/types: unsupported and deprecated properties). */
const IGNORED = [
  "build",
  "cgroupns_mode",
  "cgroup_parent",
  "container_name",
  "devices",
  "domainname",
  "expose",
  "external_links",
  "ipc",
  "links",
  "mac_address",
  "network_mode",
  "pid",
  "privileged",
  "security_opt",
  "shm_size",
  "userns_mode",
] as const;

/** What `docker stack deploy` would drop without an error, one line each, for a person. */
export function composeWarnings(compose: CanonicalCompose, checkout: string): string[] {
  const warnings = Object.entries(compose.services ?? {}).flatMap(([key, service]) =>
    serviceWarnings(service, checkout).map((warning) => `service ${key}: ${warning}`),
  );
  const mounted = new Set(
    Object.values(compose.services ?? {}).flatMap((service) => (service.volumes ?? []).map((mount) => mount.source)),
  );
  const unused = Object.keys(compose.volumes ?? {}).filter((key) => !mounted.has(key));
  return [...warnings, ...unused.map((key) => `volume ${key}: declared but mounted by no service`)];
}

function serviceWarnings(service: CanonicalService, checkout: string): string[] {
  const warnings = IGNORED.filter((key) => service[key] !== undefined).map((key) => `"${key}" is ignored by Swarm`);
  const relative = (service.volumes ?? []).filter((mount) => mount.type === "bind" && isBelow(mount.source, checkout));
  return [
    ...warnings,
    ...(service.tmpfs ? ['"tmpfs" is never mounted by Swarm: use a volume of type tmpfs'] : []),
    ...(service.restart && service.deploy?.restart_policy ? ['"restart" is ignored beside deploy.restart_policy'] : []),
    ...relative.map((mount) => `bind mount at ${mount.target} has a relative source: the node has no such folder`),
  ];
}

/** Whether docker/cli made this path from one relative to the recipe. */
export function isBelow(path: string | undefined, folder: string): boolean {
  return path !== undefined && (path === folder || path.startsWith(`${folder}/`));
}
