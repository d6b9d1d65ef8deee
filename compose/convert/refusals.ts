import { UserError } from "../../lib/errors.ts";

/**
 * A word that Swarm knows for a key; undefined where the recipe says none.
 * @throws UserError for any other: docker/cli or the engine refuses it as well
 */
export function oneOf<const T extends string>(
  value: string | undefined,
  words: readonly T[],
  key: string,
): T | undefined {
  const found = words.find((word) => word === value);
  if (found || !value) return found;
  throw new UserError(`"${value}" is unknown to Swarm`, { place: { key }, remedy: `write ${words.join(" or ")}` });
}

/** The mistake of a service that names what no top-level key declares. */
export function undeclared(kind: "volume" | "network" | "secret" | "config", name: string, key: string): UserError {
  return new UserError(`${kind} "${name}" is not declared`, {
    place: { key },
    remedy: `declare it under the top-level ${kind}s`,
  });
}
