import { describe, expect, test } from "vitest";
import { gitFolder } from "../fixtures/recipe-folder.ts";
import { ROUTED_RECIPES, type RoutedRecipe, routedRecipe } from "../routed-recipes.ts";
import { recipeCi, resultOf } from "./cli.ts";

/** One that passes and one that fails; the others take as long: `npm run proof`. */
const SAMPLE = [
  "every form of a route that Traefik takes",
  "a second router for a port where nothing listens, by a name that comes first",
];
const names = process.env.RECIPE_CI_PROOF ? Object.keys(ROUTED_RECIPES) : SAMPLE;

describe.concurrent("a recipe without a definition, by its routes alone", { timeout: 300_000 }, () => {
  test.each(names.map((name) => [name, ROUTED_RECIPES[name] as RoutedRecipe] as const))("%s", async (_, recipe) => {
    const result = resultOf(
      await recipeCi("run", "routed", "--source", await gitFolder(routedRecipe(recipe)), "--json"),
    );
    const failed = result.phases.flatMap(({ checks }) =>
      checks.flatMap((one) => (one.status === "failed" ? [one] : [])),
    );
    expect([result.verdict, failed.map(({ name }) => name)]).toEqual(
      recipe.fails ? ["fail", [recipe.fails]] : ["pass", []],
    );
    const namespace = /rout-\w+_ci_test/g;
    if (recipe.says) expect(failed[0]?.error.replace(namespace, "NAME")).toMatch(recipe.says);
  });
});
