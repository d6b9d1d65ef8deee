import type { AppSpec, ConfigSpec } from "../compose/app-spec.ts";

/**
 * Head as it stands on a node where base was before: what head no longer names stays until the app is removed,
 * since abra deploys without pruning. So a dropped service keeps running, and a dropped volume keeps its data. And a
 * network or volume that is there stays as it is, whatever head says of it.
 */
export function keepDropped(base: AppSpec, head: AppSpec): AppSpec {
  return {
    ...head,
    services: withDropped(base.services, head.services),
    networks: withDropped(base.networks, asTheyAre(base.networks, head.networks)),
    volumes: withDropped(base.volumes, asTheyAre(base.volumes, head.volumes)),
    secrets: withDropped(base.secrets, head.secrets),
    configs: withDropped(base.configs, whosever(base.configs, head.configs)),
  };
}

function withDropped<T extends { name: string }>(base: T[], head: T[]): T[] {
  const named = new Set(head.map(({ name }) => name));
  return [...head, ...base.filter(({ name }) => !named.has(name))];
}

/** Who made a config keeps it: head must neither change one of the operators' nor give one of base's away. */
function whosever(base: ConfigSpec[], head: ConfigSpec[]): ConfigSpec[] {
  return head.map((config) => {
    const standing = base.find(({ name }) => name === config.name);
    return standing && standing.external !== config.external ? { ...standing, key: config.key } : config;
  });
}

// Under the key by which head knows it.
function asTheyAre<T extends { key: string; name: string }>(base: T[], head: T[]): T[] {
  const standing = new Map(base.map((one) => [one.name, one]));
  return head.map((one) => ({ ...(standing.get(one.name) ?? one), key: one.key }));
}
