import { definitionFile } from "../compose/env/app-env.ts";
import type { RunNames } from "../compose/env/stack-name.ts";
import { thrownWords, UserError } from "../lib/errors.ts";
import { nearest } from "../lib/nearest.ts";
import { present } from "../lib/present.ts";
import type { Given, InRun, Needed, RecipeDefinition, SecretOf, SecretValues, Variables } from "./define-recipe.ts";
import { namesOfNeeded } from "./dependencies.ts";

/** A definition whose values are computed: those that hang on the names of a run, too. */
export interface SettledDefinition extends Omit<RecipeDefinition, "env" | "upgradeEnv" | "secrets" | "gives"> {
  env?: Variables;
  upgradeEnv?: Variables;
  secrets?: SecretValues;
}

/**
 * A definition with the values that it makes from what its dependencies are in a run. Names are enough for that, so
 * nothing has to be read or deployed before.
 *
 * @param others definitions of all that it needs, directly or not
 * @param namesOf the names of a recipe in this run
 * @throws UserError for a function of a definition that breaks, or names what is not declared
 */
export function settle(
  definition: RecipeDefinition,
  others: readonly RecipeDefinition[],
  namesOf: (recipe: string) => RunNames,
): SettledDefinition {
  const { env, upgradeEnv, secrets, gives, ...rest } = definition;
  const given = givenTo(definition, others, namesOf);
  return {
    ...rest,
    ...settled("env", definition, env, given),
    ...settled("upgradeEnv", definition, upgradeEnv, given),
    ...settled("secrets", definition, secrets, given),
  };
}

function settled<Key extends string, T extends object>(
  key: Key,
  definition: RecipeDefinition,
  value: T | ((given: Given) => T) | undefined,
  given: Given,
): { [K in Key]?: T } {
  if (value === undefined) return {};
  const made = typeof value === "function" ? authored(definition, key, () => value(given)) : value;
  return { [key]: made } as { [K in Key]?: T };
}

function givenTo(
  definition: RecipeDefinition,
  others: readonly RecipeDefinition[],
  namesOf: (recipe: string) => RunNames,
): Given {
  const needs = namesOfNeeded(definition).map((name) => {
    const needed = present(
      others.find((one) => one.name === name),
      `the definition of ${name}`,
    );
    return [name, neededOf(needed, others, namesOf)] as const;
  });
  return { needs: onlyDeclared(Object.fromEntries(needs)) };
}

function neededOf(
  definition: RecipeDefinition,
  others: readonly RecipeDefinition[],
  namesOf: (recipe: string) => RunNames,
): Needed {
  const own = inRun(definition.name, namesOf(definition.name));
  const made = () => definition.gives?.({ ...own, ...givenTo(definition, others, namesOf) }) ?? {};
  return { ...own, gives: authored(definition, "gives", made) };
}

function inRun(recipe: string, { domain, namespace }: RunNames): InRun {
  const service = (key: string) => `${namespace}_${key}`;
  const secret = (key: string): SecretOf => ({ recipe, secret: key });
  return { recipe, domain, namespace, service, secret };
}

/** `needs.keyclok` would be undefined, and end as a mistake in code that nobody can place. */
function onlyDeclared(needs: Record<string, Needed>): Record<string, Needed> {
  const names = Object.keys(needs);
  return new Proxy(needs, {
    get(target, name) {
      if (typeof name === "symbol" || Object.hasOwn(target, name)) return Reflect.get(target, name);
      const near = nearest(name, names);
      const declared = names.length > 0 ? `it declares ${names.join(", ")}` : "it declares none";
      throw new UserError(`"${name}" is no dependency of it`, { remedy: near ? `did you mean ${near}?` : declared });
    },
  });
}

/** Does what a definition's own code says. */
function authored<T>({ name }: RecipeDefinition, key: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const place = { file: definitionFile(name), key };
    if (error instanceof UserError) {
      throw new UserError(error.message, { place: error.place ?? place, remedy: error.remedy, cause: error });
    }
    throw new UserError(`it broke: ${thrownWords(error)}`, { place, remedy: "correct it", cause: error });
  }
}
