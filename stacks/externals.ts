import { CheckFailure } from "../checks/check.ts";
import type { AppSpec } from "../compose/app-spec.ts";
import type { Swarm } from "../swarm/client.ts";
import { configId } from "../swarm/configs.ts";
import { networkId } from "../swarm/networks.ts";

/** Ids of what the recipe uses and others made, by name. */
export interface Externals {
  externalNetworks: Record<string, string>;
  externalConfigs: Record<string, string>;
}

/**
 * Looks up the networks and configs that base or head call external. What base makes is there when head wants it.
 * @throws CheckFailure that names each that the node lacks
 */
export async function findExternals(base: AppSpec | undefined, head: AppSpec, swarm: Swarm): Promise<Externals> {
  const missing: string[] = [];
  const idsOf = async (
    kind: "network" | "config",
    find: (swarm: Swarm, name: string) => Promise<string | undefined>,
  ) => {
    const ids: Record<string, string> = {};
    for (const { name, key, file } of wanted(base?.[`${kind}s`] ?? [], head[`${kind}s`])) {
      const id = await find(swarm, name);
      if (id) ids[name] = id;
      else
        missing.push(
          `the node has no ${kind} "${name}", which ${file ?? "the recipe"} declares external (${kind}s.${key})`,
        );
    }
    return ids;
  };
  const externals = {
    externalNetworks: await idsOf("network", networkId),
    externalConfigs: await idsOf("config", configId),
  };
  if (missing.length > 0) throw new CheckFailure(missing.join("\n"));
  return externals;
}

interface Candidate {
  key: string;
  name: string;
  external: boolean;
  file?: string;
}

function wanted(base: readonly Candidate[], head: readonly Candidate[]): Candidate[] {
  const made = new Set(base.filter(({ external }) => !external).map(({ name }) => name));
  const external = [...base, ...head].filter((one) => one.external && !made.has(one.name));
  return [...new Map(external.map((one) => [one.name, one])).values()];
}
