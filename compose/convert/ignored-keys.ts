import type { CanonicalCompose, CanonicalMount, CanonicalService } from "../files/canonical.ts";

/** The keys of a service that are converted, or have a warning of their own; Swarm ignores every other. */
const CONVERTED: Record<keyof CanonicalService, true> = {
  image: true,
  command: true,
  entrypoint: true,
  environment: true,
  env_file: true,
  labels: true,
  deploy: true,
  healthcheck: true,
  networks: true,
  volumes: true,
  secrets: true,
  configs: true,
  ports: true,
  extra_hosts: true,
  dns: true,
  dns_search: true,
  logging: true,
  ulimits: true,
  sysctls: true,
  cap_add: true,
  cap_drop: true,
  credential_spec: true,
  hostname: true,
  user: true,
  working_dir: true,
  stop_grace_period: true,
  stop_signal: true,
  init: true,
  isolation: true,
  oom_score_adj: true,
  read_only: true,
  tty: true,
  stdin_open: true,
  restart: true,
  tmpfs: true,
};

/** What `docker stack deploy` would drop without an error, one line each, for a person. */
export function composeWarnings(compose: CanonicalCompose, checkout: string): string[] {
  const warnings = Object.entries(compose.services ?? {}).flatMap(([key, service]) =>
    serviceWarnings(service, checkout).map((warning) => `service ${key}: ${warning}`),
  );
  const mounted = new Set(
    Object.values(compose.services ?? {}).flatMap((service) => (service.volumes ?? []).map((mount) => mount.source)),
  );
  const volumes = Object.entries(compose.volumes ?? {}).flatMap(([key, volume]) => [
    ...(mounted.has(key) ? [] : [`volume ${key}: declared but mounted by no service`]),
    ...(volume?.["x-cluster-spec"] ? [`volume ${key}: "x-cluster-spec" is ignored: operators make the volume`] : []),
  ]);
  return [...warnings, ...volumes];
}

function serviceWarnings(service: CanonicalService, checkout: string): string[] {
  return [
    ...ignoredKeys(service).map((key) => `"${key}" is ignored by Swarm`),
    ...(service.tmpfs ? ['"tmpfs" is never mounted by Swarm: use a volume of type tmpfs'] : []),
    ...restartWarnings(service),
    ...(service.volumes ?? []).flatMap((mount) => mountWarnings(mount, checkout)),
  ];
}

function ignoredKeys(service: CanonicalService): string[] {
  const keys = Object.keys(service).filter((key) => !Object.hasOwn(CONVERTED, key) && !key.startsWith("x-"));
  const addresses = Object.entries(service.networks ?? {}).flatMap(([network, attachment]) =>
    (["ipv4_address", "ipv6_address"] as const)
      .filter((key) => attachment?.[key] !== undefined)
      .map((key) => `networks.${network}.${key}`),
  );
  return [...keys.sort(), ...addresses];
}

function restartWarnings({ restart, deploy }: CanonicalService): string[] {
  if (restart && deploy?.restart_policy) return ['"restart" is ignored beside deploy.restart_policy'];
  // docker/cli then sends no policy at all.
  return restart === "no" ? ['"restart: no" is ignored by Swarm, which restarts: use deploy.restart_policy'] : [];
}

function mountWarnings(mount: CanonicalMount, checkout: string): string[] {
  const { type, source, target, consistency, volume } = mount;
  const relative = type === "bind" && isBelow(source, checkout);
  return [
    ...(relative ? [`bind mount at ${target} has a relative source: the node has no such folder`] : []),
    ...(consistency ? [`"volumes.consistency" at ${target} is ignored by Swarm`] : []),
    ...(type === "volume" && !source && volume ? [`"volumes.volume" at ${target} is ignored: it has no source`] : []),
  ];
}

/** Whether docker/cli made this path from one relative to the recipe. */
export function isBelow(path: string | undefined, folder: string): boolean {
  return path !== undefined && (path === folder || path.startsWith(`${folder}/`));
}
