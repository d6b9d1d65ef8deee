import { existsSync } from "node:fs";
import { isAbsolute } from "node:path";
import { thrownWords, UserError } from "../lib/errors.ts";
import { projectPath } from "../lib/project.ts";
import { assertReasons } from "../lint/waivers.ts";
import { CATALOGUE, fromCatalogue } from "./catalogue.ts";
import type { FolderSource, RecipeDefinition } from "./define-recipe.ts";
import { assertKnownKeys } from "./definition-keys.ts";

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

/**
 * The definition of a recipe: `recipes/<name>/ci.ts`, or the generic one. `source` overrides where it is read from;
 * where nothing else says so, it is read from the catalogue under its name.
 * @throws UserError for an impossible name, a file that can't be loaded, or when nothing says where the recipe is
 * @throws UserErrors for keys that mean nothing, and waivers without a reason
 */
export async function findRecipe(name: string, source?: string, catalogue?: string): Promise<RecipeDefinition> {
  if (!NAME.test(name)) {
    throw new UserError(`"${name}" is no recipe name`, { remedy: "use lower-case letters, digits and hyphens" });
  }
  const file = `recipes/${name}/ci.ts`;
  const path = projectPath(file);
  const definition = existsSync(path) ? await definitionIn(path, file) : { name };
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

/** @throws UserError for a file that can't be loaded, or exports no definition */
async function definitionIn(path: string, file: string): Promise<RecipeDefinition> {
  const loaded: { default?: unknown } = await import(path).catch((error: unknown) => {
    const [, line] = /\/ci\.ts:(\d+)/.exec((error instanceof Error && error.stack) || "") ?? [];
    const place = { file, line: line === undefined ? undefined : Number(line) };
    throw new UserError(`can't be loaded: ${thrownWords(error)}`, { place, remedy: "correct it", cause: error });
  });
  const definition = loaded.default;
  if (typeof definition !== "object" || definition === null) {
    throw new UserError("exports no definition", {
      place: { file },
      remedy: "write export default defineRecipe({ ... })",
    });
  }
  return definition as RecipeDefinition;
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
