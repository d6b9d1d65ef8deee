import type { AppSpec } from "../compose/app-spec.ts";

/**
 * Head as it stands on a node where base was before: what head no longer names stays until the app is removed,
 * since abra deploys without pruning. So a dropped service keeps running, and a dropped volume keeps its data.
 */
export function keepDropped(base: AppSpec, head: AppSpec): AppSpec {
  return {
    ...head,
    services: withDropped(base.services, head.services),
    networks: withDropped(base.networks, head.networks),
    volumes: withDropped(base.volumes, head.volumes),
    secrets: withDropped(base.secrets, head.secrets),
    configs: withDropped(base.configs, head.configs),
  };
}

function withDropped<T extends { name: string }>(base: T[], head: T[]): T[] {
  const named = new Set(head.map(({ name }) => name));
  return [...head, ...base.filter(({ name }) => !named.has(name))];
}
