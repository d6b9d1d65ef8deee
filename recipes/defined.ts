import { existsSync, readdirSync } from "node:fs";
import { definitionFile } from "../compose/env/app-env.ts";
import { projectPath } from "../lib/project.ts";

/** Names of the recipes that have a `ci.ts` here, in the order of the alphabet. */
export function definedRecipes(): string[] {
  const folders = readdirSync(projectPath("recipes"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const names = folders.map(({ name }) => name).filter((name) => existsSync(projectPath(definitionFile(name))));
  return names.sort();
}
