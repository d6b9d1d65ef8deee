// One run in a process of its own, as the command line makes it: `parallel-run.ts <ParallelRun as JSON>`. Prints the
// result as JSON.
import { ensureEngine } from "../../engine/locate.ts";
import { home } from "../../lib/home.ts";
import { reap } from "../../lifecycle/reaper.ts";
import { runRecipe } from "../../lifecycle/run.ts";
import { MIRROR_PORT } from "../../machine/node-rootfs.ts";
import { repoFromFolder } from "../../source/folder-repo.ts";

/** What the test asks of it. */
export interface ParallelRun {
  run: string;
  recipe: string;
  folder: string;
  dockerHost: string;
}

const { run, recipe, folder, dockerHost } = JSON.parse(process.argv[2] ?? "") as ParallelRun;
const quiet = () => undefined;
const engine = await ensureEngine({ onProgress: quiet });
await reap(engine, dockerHost, (line) => console.error(line));
const repo = await repoFromFolder({ folder, cacheDir: home("git") });
const result = await runRecipe({
  run,
  definition: { name: recipe, source: { folder }, noBackup: "not what is tested here", stableFor: "1 s" },
  located: { repo, headCommit: await repo.resolve(), warnings: [] },
  engine,
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
