import { UserError } from "../lib/errors.ts";

/** Variable with the URL under which a catalogue keeps its recipes, `{recipe}` in the place of the name. */
export const CATALOGUE = "RECIPE_CI_CATALOGUE";

/**
 * The URL of a recipe by its name alone; undefined when no catalogue is set.
 * @throws UserError when the URL has no place for the name
 */
export function fromCatalogue(name: string, template = process.env[CATALOGUE]): string | undefined {
  if (!template) return undefined;
  if (template.includes("{recipe}")) return template.replaceAll("{recipe}", name);
  throw new UserError(`the catalogue "${template}" has no {recipe} in it`, {
    place: { key: CATALOGUE },
    remedy: "give a URL such as https://git.example.org/recipes/{recipe}.git",
  });
}
