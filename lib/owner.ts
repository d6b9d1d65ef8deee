/**
 * Who must act on a failure:
 * - `recipe`: the maintainer of what is tested
 * - `base`: the maintainer, but of a release that is out already: nothing in head mends it
 * - `infra`: whoever runs the node, the network or the registry
 * - `author`: who wrote the recipe's definition, `ci.ts`: the check itself broke
 * - `defect`: recipe-ci's own developers
 */
export type Owner = "recipe" | "base" | "infra" | "author" | "defect";

/** The owner an error names itself; undefined where whoever threw it thought of none. */
export function namedOwner(error: unknown): Owner | undefined {
  if (!(error instanceof Error) || !("owner" in error)) return undefined;
  return OWNERS.find((owner) => owner === error.owner);
}

const OWNERS: readonly Owner[] = ["recipe", "base", "infra", "author", "defect"];
