import {
  beyondProvider,
  keptByProvider,
  replacedByProvider,
  restartedByProvider,
} from "../components/render/beyond-provider.ts";
import type { AppSpec, ServiceSpec } from "../compose/app-spec.ts";

/**
 * Names of the services that the docker provider can't make, or can't take from base to head in place. They are made
 * through the Engine API from the start: a service can't change hands between two updates.
 */
export function exactServices(base: AppSpec | undefined, head: AppSpec): ReadonlySet<string> {
  const names = new Set<string>();
  for (const service of [...(base?.services ?? []), ...head.services]) {
    if (beyondProvider(service).length > 0) names.add(service.name);
  }
  for (const service of head.services) {
    const before = base?.services.find(({ name }) => name === service.name);
    if (before && !changesInPlace(before, service)) names.add(service.name);
  }
  return names;
}

/** Names of the configs that only change their labels: Swarm takes that in place, the provider makes them anew. */
export function exactConfigs(base: AppSpec | undefined, head: AppSpec): ReadonlySet<string> {
  const labels = new Map(base?.configs.map((config) => [config.name, JSON.stringify(config.labels)]));
  const changed = head.configs.filter(
    ({ name, labels: now }) => labels.has(name) && labels.get(name) !== JSON.stringify(now),
  );
  return new Set(changed.map(({ name }) => name));
}

function changesInPlace(base: ServiceSpec, head: ServiceSpec): boolean {
  const troubles = [...replacedByProvider(base, head), ...keptByProvider(base, head)];
  return troubles.length === 0 && !restartedByProvider(base, head);
}
