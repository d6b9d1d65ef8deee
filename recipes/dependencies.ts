import { existsSync } from "node:fs";
import { definitionFile } from "../compose/env/app-env.ts";
import { type ErrorPlace, UserError } from "../lib/errors.ts";
import { meant } from "../lib/nearest.ts";
import { projectPath } from "../lib/project.ts";
import { fromCatalogue } from "./catalogue.ts";
import type { Dependency, RecipeDefinition } from "./define-recipe.ts";
import { definedRecipes } from "./defined.ts";
import { findRecipe } from "./find.ts";

/** A recipe that others need, as its definition says it is tested. */
export interface FoundDependency {
  definition: RecipeDefinition;
  /** Branch, tag or commit. Default: its newest release. */
  ref?: string;
}

/** The recipes that one needs itself, by name. */
export function namesOfNeeded({ dependencies = [] }: Pick<RecipeDefinition, "dependencies">): string[] {
  return dependencies.map((one) => asked(one).recipe);
}

/**
 * Every recipe that one needs, directly or not, each once and after those that it needs itself.
 * @param catalogue as for {@link findRecipe}
 * @throws UserError for a name that nothing is known of, one recipe asked for in two ways, and a circle, with its path
 */
export async function findDependencies(definition: RecipeDefinition, catalogue?: string): Promise<FoundDependency[]> {
  const found = new Map<string, FoundDependency & { as: string }>();
  const visit = async (parent: RecipeDefinition, path: readonly string[]): Promise<void> => {
    const file = definitionFile(parent.name);
    for (const [index, one] of (parent.dependencies ?? []).entries()) {
      const place = { file, key: `dependencies[${index}]` };
      const wanted = asked(one);
      const way = [...path, wanted.recipe];
      if (path.includes(wanted.recipe)) throw circle(way, place);
      const known = found.get(wanted.recipe);
      const as = JSON.stringify([wanted.source, wanted.ref]);
      if (known && known.as !== as) throw askedTwice(wanted.recipe, place);
      if (known) continue;
      const needed = await find(wanted, place, catalogue);
      await visit(needed, way);
      found.set(wanted.recipe, { definition: needed, ref: wanted.ref, as });
    }
  };
  await visit(definition, [definition.name]);
  return [...found.values()].map(({ definition: needed, ref }) => ({ definition: needed, ref }));
}

function asked(dependency: string | Dependency): Dependency {
  return typeof dependency === "string" ? { recipe: dependency } : dependency;
}

async function find({ recipe, source }: Dependency, place: ErrorPlace, catalogue?: string): Promise<RecipeDefinition> {
  const known = source !== undefined || existsSync(projectPath(definitionFile(recipe)));
  if (known || fromCatalogue(recipe, catalogue)) {
    const found = await findRecipe(recipe, source, catalogue);
    // Under the name by which it is asked for, whatever its own ci.ts calls it.
    return { ...found, ...found.asDependency, name: recipe };
  }
  const names = definedRecipes();
  const remedy = meant(recipe, names, `there is ${names.join(", ")}; for any other say { recipe, source }`);
  throw new UserError(`nothing is known of a recipe "${recipe}"`, { place, remedy });
}

function circle(way: readonly string[], place: ErrorPlace): UserError {
  const first = way.indexOf(way.at(-1) ?? "");
  const words = way.slice(first).join(" needs ");
  return new UserError(`none of them can be the first: ${words}`, { place, remedy: "take one of them out" });
}

function askedTwice(recipe: string, place: ErrorPlace): UserError {
  const remedy = "a run has it once: ask for it with the same source and ref everywhere";
  return new UserError(`recipe "${recipe}" is needed in two ways`, { place, remedy });
}
