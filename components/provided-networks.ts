import type * as pulumi from "@pulumi/pulumi";
import type { Labels } from "../compose/app-spec.ts";
import { boundedName, SERVICE_NAME_LIMIT } from "../lib/names.ts";
import { ApiObject } from "./api-object.ts";

export interface ProvidedNetworksArgs {
  /** Names by which the recipe knows them. */
  names: readonly string[];
  namespace: string;
  dockerHost: string;
  runLabels: Labels;
}

/**
 * Networks that a recipe expects of others and its definition provides, as ids by the recipe's names. Each bears a
 * name of the run's own: services refer to networks by id, and runs side by side would meet in one of the same name.
 */
export function providedNetworks(
  { names, namespace, dockerHost, runLabels }: ProvidedNetworksArgs,
  options: pulumi.ComponentResourceOptions,
): Record<string, pulumi.Output<string>> {
  return Object.fromEntries(
    names.map((name) => {
      const Name = boundedName(`${namespace}_${name}`, SERVICE_NAME_LIMIT);
      const spec = { Name, Driver: "overlay", Labels: runLabels };
      return [name, new ApiObject(`provided-network:${name}`, { kind: "network", dockerHost, spec }, options).id];
    }),
  );
}
