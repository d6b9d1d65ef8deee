/**
 * Who must act on a failure:
 * - `recipe`: the maintainer of what is tested
 * - `base`: the maintainer, but of a release that is out already: nothing in head mends it
 * - `infra`: whoever runs the node, the network or the registry
 * - `author`: who wrote the recipe's definition, `ci.ts`: a check of it broke, or it lacks what it has to provide
 * - `dependency`: the maintainer of another recipe that the tested one needs
 * - `defect`: recipe-ci's own developers
 */
export type Owner = "recipe" | "base" | "infra" | "author" | "dependency" | "defect";

/** The owner an error names itself; undefined where whoever threw it thought of none. */
export function namedOwner(error: unknown): Owner | undefined {
  if (!(error instanceof Error) || !("owner" in error)) return undefined;
  return OWNERS.find((owner) => owner === error.owner);
}

const OWNERS: readonly Owner[] = ["recipe", "base", "infra", "author", "dependency", "defect"];

/** Whether an error is a mistake in code by its very kind, whoever wrote it; what is no error at all is one, too. */
export function isMistake(error: unknown): boolean {
  if (!(error instanceof Error)) return true;
  if (MISTAKES.some((kind) => error instanceof kind)) return true;
  const owner = namedOwner(error);
  // Node's own errors bear a code: a file that is not there, an argument of the wrong type.
  return owner === "author" || owner === "defect" || (owner === undefined && "code" in error);
}

const MISTAKES = [TypeError, ReferenceError, RangeError, SyntaxError];
