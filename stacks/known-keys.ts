import { UserError, UserErrors } from "../lib/errors.ts";
import { nearest } from "../lib/nearest.ts";
import { NODE_KEYS } from "../nodes/kinds.ts";
import { RECIPE_KEYS } from "./recipe-config.ts";

/** What `node` was called once. */
const FORMER = "engine";

const NAMESPACE = "recipe-ci:";

/**
 * Refuses keys of a stack's config that its program does not read: a misspelt `ref` would test another commit than
 * was meant. Keys of other namespaces are Pulumi's and the providers' business.
 *
 * @param config keys as Pulumi has them, `recipe-ci:ref`
 * @throws UserErrors naming each with what was likely meant
 */
export function refuseUnknownKeys(config: readonly string[]): void {
  const given = config.filter((key) => key.startsWith(NAMESPACE)).map((key) => key.slice(NAMESPACE.length));
  const ofRecipe = given.includes("recipe");
  const known: readonly string[] = ofRecipe ? RECIPE_KEYS : NODE_KEYS;
  const unknown = given.filter((key) => !known.includes(key));
  if (unknown.length > 0) throw new UserErrors(unknown.map((key) => unknownKey(key, ofRecipe)));
}

function unknownKey(key: string, ofRecipe: boolean): UserError {
  const place = { key: `${NAMESPACE}${key}` };
  if (key === FORMER && !ofRecipe) return new UserError("is called node now", { place, remedy: rename(key, "node") });
  const [own, others]: (readonly string[])[] = ofRecipe ? [RECIPE_KEYS, NODE_KEYS] : [NODE_KEYS, RECIPE_KEYS];
  if (others?.includes(key)) return new UserError(elsewhere(ofRecipe), { place, remedy: remove(key) });
  const near = nearest(key, [...new Set([...(own ?? []), ...RECIPE_KEYS, ...NODE_KEYS])]);
  return new UserError("no such key", {
    place,
    remedy: near ? `did you mean ${near}? ${rename(key, near)}` : `${remove(key)}; there is ${own?.join(", ")}`,
  });
}

function elsewhere(ofRecipe: boolean): string {
  return ofRecipe ? "belongs to a node's stack, and this is a recipe's" : "belongs to a recipe's stack: set recipe too";
}

function remove(key: string): string {
  return `pulumi config rm ${key}`;
}

function rename(key: string, near: string): string {
  return `pulumi config rm ${key}, then pulumi config set ${near} ...`;
}
