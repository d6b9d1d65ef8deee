import type { NetworkAttachment, NetworkSpec, ServiceSpec } from "./app-spec.ts";
import type { CanonicalCompose } from "./canonical.ts";
import { byKey, finalName, NAMESPACE_LABEL, sortKeys } from "./convert-names.ts";
import { undeclared } from "./convert-refusals.ts";

/** Networks of the engine itself, which know no aliases. */
const BUILT_IN = new Set(["host", "none", "bridge", "default", "nat"]);

/**
 * How a service joins its networks; without any, the implicit `default`. Its own key is always an alias.
 * @throws UserError for a network that is not declared
 */
export function convertAttachments(service: string, compose: CanonicalCompose, namespace: string): NetworkAttachment[] {
  const wanted = Object.entries(compose.services?.[service]?.networks ?? {});
  const attachments = wanted.length > 0 ? wanted : ([["default", null]] as const);
  return attachments
    .map(([key, options]): NetworkAttachment => {
      if (key !== "default" && !Object.hasOwn(compose.networks ?? {}, key)) {
        throw undeclared("network", key, `services.${service}.networks`);
      }
      const name = finalName(compose.networks?.[key], key, namespace);
      const aliases = BUILT_IN.has(name) ? [] : [service];
      return { key, name, aliases: [...(options?.aliases ?? []), ...aliases], driverOpts: options?.driver_opts };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The networks that some service joins; docker/cli makes no other. */
export function convertNetworks(
  compose: CanonicalCompose,
  services: readonly ServiceSpec[],
  namespace: string,
): NetworkSpec[] {
  const used = new Map(services.flatMap((service) => service.networks.map(({ key, name }) => [key, name] as const)));
  return [...used].sort(byKey).map(([key, name]) => {
    const network = compose.networks?.[key] ?? {};
    const external = network.external ?? false;
    return {
      key,
      name,
      external,
      driver: external ? undefined : network.driver || "overlay",
      driverOpts: network.driver_opts ?? {},
      internal: network.internal ?? false,
      attachable: network.attachable ?? false,
      labels: external ? {} : sortKeys({ ...network.labels, [NAMESPACE_LABEL]: namespace }),
      ipam: network.ipam && {
        driver: network.ipam.driver,
        subnets: (network.ipam.config ?? []).flatMap(({ subnet }) => (subnet ? [subnet] : [])),
      },
    };
  });
}
