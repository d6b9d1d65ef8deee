// One run of a recipe whose definition can't come from the command line: `defined-run.ts <DefinedRun as JSON>`. Prints
// the result as JSON.
import { sqlSeed } from "../../checks/seeds/sql-seed.ts";
import type { RecipeDefinition } from "../../recipes/define-recipe.ts";
import { locateVersions } from "../../stacks/versions.ts";
import { rowSeed } from "./database-recipe.ts";
import { quietRun } from "./quiet-run.ts";

const SEEDS = { row: rowSeed, sqlite: sqlSeed({ kind: "sqlite", service: "app", database: "/data/app.db" }) };

/** What a test asks of it. */
export interface DefinedRun {
  run: string;
  folder: string;
  dockerHost: string;
  definition: RecipeDefinition;
  /** A seed, which is code. Default: none. */
  seed?: keyof typeof SEEDS;
}

const { run, folder, dockerHost, definition, seed } = JSON.parse(process.argv[2] ?? "") as DefinedRun;
const sourced = { source: folder, ...definition, ...(seed && { seeds: [SEEDS[seed]] }) };
const result = await quietRun({
  run,
  definition: sourced,
  located: await locateVersions(sourced),
  dockerHost,
});
console.log(JSON.stringify(result));
