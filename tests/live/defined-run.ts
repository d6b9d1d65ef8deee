// One run of a recipe whose definition can't come from the command line: `defined-run.ts <DefinedRun as JSON>`. Prints
// the result as JSON.
import { sqlSeed } from "../../checks/seeds/sql-seed.ts";
import { home } from "../../lib/home.ts";
import type { RecipeDefinition } from "../../recipes/define-recipe.ts";
import { openSource } from "../../source/open-source.ts";
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
const repo = await openSource(folder, { cacheDir: home("git") });
const result = await quietRun({
  run,
  definition: { source: folder, ...definition, ...(seed && { seeds: [SEEDS[seed]] }) },
  located: { repo, headCommit: await repo.resolve(), warnings: [] },
  dockerHost,
});
console.log(JSON.stringify(result));
