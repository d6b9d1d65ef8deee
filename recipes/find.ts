import { existsSync } from "node:fs";
import { isAbsolute } from "node:path";
import { UserError } from "../lib/errors.ts";
import { projectPath } from "../lib/project.ts";
import { assertReasons } from "../lint/waivers.ts";
import { CATALOGUE, fromCatalogue } from "./catalogue.ts";
import type { FolderSource, RecipeDefinition } from "./define-recipe.ts";
import { assertKnownKeys } from "./definition-keys.ts";

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

/**
 * The definition of a recipe: `recipes/<name>/ci.ts`, or the generic one. `source` overrides where it is read from;
 * where nothing else says so, it is read from the catalogue under its name.
 * @throws UserError for an impossible name, or when nothing says where the recipe is
 * @throws UserErrors for keys that mean nothing, and waivers without a reason
 */
export async function findRecipe(name: string, source?: string, catalogue?: string): Promise<RecipeDefinition> {
  if (!NAME.test(name)) {
    throw new UserError(`"${name}" is no recipe name`, { remedy: "use lower-case letters, digits and hyphens" });
  }
  const file = `recipes/${name}/ci.ts`;
  const path = projectPath(file);
  const definition: RecipeDefinition = existsSync(path) ? (await import(path)).default : { name };
  assertKnownKeys(definition, file);
  assertReasons(definition.waivers ?? [], file);
  const chosen = source ?? definition.source ?? fromCatalogue(name, catalogue);
  if (!chosen) {
    throw new UserError(`nothing says where recipe "${name}" is`, {
      place: { file, key: "source" },
      remedy: `give --source with a folder or a git URL, write a ci.ts with a source, or set ${CATALOGUE}`,
    });
  }
  return { ...definition, source: source ?? absolute(chosen) };
}

function absolute(source: string | FolderSource): string | FolderSource {
  if (typeof source !== "string") {
    return { folder: inProject(source.folder), releases: source.releases && inProject(source.releases) };
  }
  // A URL, or what git takes for a host and a path, is no place below the project.
  return /^\.{0,2}\//.test(source) ? inProject(source) : source;
}

function inProject(path: string): string {
  return isAbsolute(path) ? path : projectPath(path);
}
