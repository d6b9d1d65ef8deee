// One run in a process of its own, as the command line makes it: `parallel-run.ts <ParallelRun as JSON>`. Prints the
// result as JSON.

import { home } from "../../lib/home.ts";
import { reap } from "../../lifecycle/reaper.ts";
import { ensurePulumi } from "../../pulumi/locate.ts";
import { repoFromFolder } from "../../source/folder-repo.ts";
import { quietRun } from "./quiet-run.ts";

/** What the test asks of it. */
export interface ParallelRun {
  run: string;
  recipe: string;
  folder: string;
  dockerHost: string;
}

const { run, recipe, folder, dockerHost } = JSON.parse(process.argv[2] ?? "") as ParallelRun;
const pulumi = await ensurePulumi({ onProgress: () => undefined });
await reap(pulumi, dockerHost, (line) => console.error(line));
const repo = await repoFromFolder({ folder, cacheDir: home("git") });
const result = await quietRun({
  run,
  definition: { name: recipe, source: { folder }, noBackup: "not what is tested here", stableFor: "1 s" },
  located: { repo, headCommit: await repo.resolve(), warnings: [] },
  dockerHost,
});
console.log(JSON.stringify(result));
