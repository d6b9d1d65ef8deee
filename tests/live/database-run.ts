// One run of a database recipe, whose seed is code and so can't come from the command line: `database-run.ts FOLDER`.
// Prints the result as JSON.
import { ensureEngine } from "../../engine/locate.ts";
import { home } from "../../lib/home.ts";
import { runRecipe } from "../../lifecycle/run.ts";
import { MIRROR_PORT } from "../../machine/node-rootfs.ts";
import { openSource } from "../../source/open-source.ts";
import { rowSeed } from "./database-recipe.ts";

const [folder = "", run = "", dockerHost = ""] = process.argv.slice(2);
const quiet = () => undefined;
const repo = await openSource(folder, { cacheDir: home("git") });
const result = await runRecipe({
  run,
  definition: { name: "database", source: folder, seeds: [rowSeed], stableFor: "1 s" },
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
