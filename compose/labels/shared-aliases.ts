import type { NetworkAttachment, ServiceSpec } from "../app-spec.ts";
import type { Doubt } from "../convert/doubt.ts";
import { imageName } from "../convert/image-name.ts";

/**
 * Names in a network that two services of different images have: Docker gives those who ask for it the addresses of
 * both, and each gets a part of the connections that are the other's. Services of one image may share their work so.
 */
export function aliasDoubts(services: readonly ServiceSpec[]): Doubt[] {
  return services.flatMap((service) =>
    service.networks.flatMap((network) =>
      // Of two that both say so, one is told.
      givenAliases(service, network).flatMap((alias): Doubt[] => {
        const other = services.find(
          (one) =>
            one.key !== service.key &&
            imageName(one.image).name !== imageName(service.image).name &&
            one.networks.some(({ name, aliases }) => name === network.name && aliases.includes(alias)) &&
            (one.key === alias || one.key > service.key),
        );
        if (!other) return [];
        const message = `service ${service.key} has the alias ${alias} in network ${network.key}, and so has service ${other.key}: who asks for ${alias} gets one or the other`;
        return [{ kind: "alias", path: ["services", service.key, "networks"], message, remedy: "give it another one" }];
      }),
    ),
  );
}

/** Those that a recipe writes. */
function givenAliases({ key }: ServiceSpec, { aliases }: NetworkAttachment): string[] {
  return [...new Set(aliases)].filter((alias) => alias !== key);
}
