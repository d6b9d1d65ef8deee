import { CheckFailure } from "../checks/check-failure.ts";
import type { AppSpec } from "../compose/app-spec.ts";
import type { RecipeDefinition } from "../recipes/define-recipe.ts";
import type { Swarm } from "../swarm/client.ts";
import { configId } from "../swarm/configs.ts";
import { networkId } from "../swarm/networks.ts";
import type { Deployment } from "./deployments.ts";

/** Ids of what the recipe uses and others made, by name. */
export interface Externals {
  externalNetworks: Record<string, string>;
  externalConfigs: Record<string, string>;
}

/** Names of the networks that definitions provide: all deployments of a run meet in them. */
export function providedNames(deployments: readonly Pick<Deployment, "definition">[]): string[] {
  return [...new Set(deployments.flatMap(({ definition }) => definition.provides?.networks ?? []))];
}

/**
 * Looks up the networks and configs that base or head call external. What base makes is there when head wants it, and
 * what the definition provides is made with the app.
 * @throws CheckFailure that names each that the node lacks, with what makes it
 */
export async function findExternals(
  base: AppSpec | undefined,
  head: AppSpec,
  swarm: Swarm,
  provides: RecipeDefinition["provides"] = {},
): Promise<Externals> {
  const missing: string[] = [];
  const provided = provides.networks ?? [];
  const idsOf = async (
    kind: "network" | "config",
    find: (swarm: Swarm, name: string) => Promise<string | undefined>,
  ) => {
    const ids: Record<string, string> = {};
    for (const { name, key, file } of wanted(base?.[`${kind}s`] ?? [], head[`${kind}s`])) {
      if (kind === "network" && provided.includes(name)) continue;
      const id = await find(swarm, name);
      if (id) ids[name] = id;
      else
        missing.push(
          `the node has no ${kind} "${name}", which ${file ?? "the recipe"} declares external (${kind}s.${key}): ${REMEDIES[kind](name)}`,
        );
    }
    return ids;
  };
  const externals = {
    externalNetworks: await idsOf("network", networkId),
    externalConfigs: await idsOf("config", configId),
  };
  if (missing.length > 0) throw new CheckFailure(missing.join("\n"), { owner: "author" });
  return externals;
}

const REMEDIES = {
  network: (name: string) =>
    `make it on the node by docker network create --driver overlay ${name}, or have each run make one of its own by provides: { networks: ["${name}"] } in the recipe's ci.ts`,
  config: (name: string) => `make it on the node by docker config create ${name} FILE`,
};

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
