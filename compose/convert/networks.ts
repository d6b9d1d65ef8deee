import { shareAddresses } from "../../lib/cidr.ts";
import { UserError, UserErrors } from "../../lib/errors.ts";
import type { NetworkAttachment, NetworkSpec, ServiceSpec } from "../app-spec.ts";
import type { CanonicalCompose } from "../files/canonical.ts";
import type { ComposeFile } from "../files/compose-file.ts";
import { declaredAt } from "../files/declared.ts";
import { undeclared } from "./refusals.ts";
import { byKey, finalName, NAMESPACE_LABEL, sortKeys } from "./scoped-names.ts";

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

/** Drivers whose networks are one node's own, which no service can join. */
const OF_ONE_NODE = ["bridge", "host", "none", "null", "macvlan", "ipvlan"];

/** @throws UserErrors for networks that services can't join, with file and line */
export function assertNetworks(networks: readonly NetworkSpec[], files: readonly ComposeFile[]): void {
  const errors = networks.flatMap(({ key, name, external, driver }) => {
    const place = declaredAt(files, "networks", key);
    if (external && ["none", "default", "nat"].includes(name)) {
      const remedy = "leave it out: a service without networks has the app's own";
      return [new UserError(`no service can join the network "${name}"`, { place, remedy })];
    }
    if (!driver || !OF_ONE_NODE.includes(driver)) return [];
    const message = `driver "${driver}" makes a network of one node, and no service of a Swarm can join it`;
    return [new UserError(message, { place, remedy: "take driver out, or write driver: overlay" })];
  });
  errors.push(...overlapRefusals(networks, files));
  if (errors.length > 0) throw new UserErrors(errors);
}

/** Swarm gives an address to one network only. */
function overlapRefusals(networks: readonly NetworkSpec[], files: readonly ComposeFile[]): UserError[] {
  const given: { key: string; subnet: string }[] = [];
  const errors: UserError[] = [];
  for (const { key, ipam } of networks.filter(({ external }) => !external)) {
    for (const subnet of ipam?.subnets ?? []) {
      const other = given.find((one) => shareAddresses(one.subnet, subnet));
      given.push({ key, subnet });
      if (!other) continue;
      const whose = other.key === key ? "this network" : `network ${other.key}`;
      const message = `subnet ${subnet} has addresses of ${other.subnet}, which ${whose} has as well`;
      const remedy = "give it another subnet, or take ipam out: Swarm then chooses one that is free";
      errors.push(new UserError(message, { place: declaredAt(files, "networks", key), remedy }));
    }
  }
  return errors;
}
