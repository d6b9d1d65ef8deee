// One run of a recipe whose definition can't come from the command line: `defined-run.ts <DefinedRun as JSON>`. Prints
// the result as JSON.
import { ensureEngine } from "../../engine/locate.ts";
import { home } from "../../lib/home.ts";
import { runRecipe } from "../../lifecycle/run.ts";
import { MIRROR_PORT } from "../../machine/node-rootfs.ts";
import type { RecipeDefinition } from "../../recipes/define-recipe.ts";
import { openSource } from "../../source/open-source.ts";
import { rowSeed } from "./database-recipe.ts";

/** What a test asks of it. */
export interface DefinedRun {
  run: string;
  folder: string;
  dockerHost: string;
  definition: RecipeDefinition;
  /** The seed of the database recipe, which is code. Default: none. */
  seed?: "row";
}

const { run, folder, dockerHost, definition, seed } = JSON.parse(process.argv[2] ?? "") as DefinedRun;
const quiet = () => undefined;
const repo = await openSource(folder, { cacheDir: home("git") });
const result = await runRecipe({
  run,
  definition: { source: folder, ...definition, ...(seed && { seeds: [rowSeed] }) },
  located: { repo, headCommit: await repo.resolve(), warnings: [] },
  engine: await ensureEngine({ onProgress: quiet }),
  dockerHost,
  nodeKind: "local",
  mirror: `127.0.0.1:${MIRROR_PORT}`,
  listener: {
    phaseStarted: quiet,
    checkEnded: quiet,
    phaseEnded: quiet,
    progress: quiet,
    step: quiet,
    engineEvent: quiet,
  },
  signal: new AbortController().signal,
});
console.log(JSON.stringify(result));
