import { beyondProvider, replacedByProvider } from "../components/render/beyond-provider.ts";
import type { AppSpec } from "../compose/app-spec.ts";

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
    if (before && replacedByProvider(before, service).length > 0) names.add(service.name);
  }
  return names;
}
