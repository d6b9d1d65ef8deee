// `node bench/parallel.ts [runs]`: wall time of runs of custom-html that are started together (default 8), against one
// alone, on the node that runs go to, and how many went to each of its machines. Ends with code 1 when one of them is not
// green.
import { run } from "../lib/exec.ts";
import { projectPath } from "../lib/project.ts";
import type { RunResult } from "../lifecycle/result.ts";

const count = Number(process.argv[2] ?? 8);

/** Seconds until the last of some runs that start together has ended. */
async function together(runs: number): Promise<number> {
  const start = performance.now();
  const places = await Promise.all(Array.from({ length: runs }, one));
  const failed = places.filter((place) => place === undefined).length;
  if (failed > 0) {
    console.error(`${failed} of ${runs} runs are not green`);
    process.exitCode = 1;
  }
  const spread = [...new Set(places)].sort().map((place) => places.filter((one) => one === place).length);
  if (runs > 1) console.log(`${runs} together on ${spread.length} machines: ${spread.join(" + ")}`);
  return (performance.now() - start) / 1000;
}

/** Where it ran; undefined where it was not green. */
async function one(): Promise<string | undefined> {
  const { stdout } = await run([process.execPath, projectPath("cli/main.ts"), "run", "custom-html", "--json"]);
  const { verdict, node } = JSON.parse(stdout) as RunResult;
  return verdict === "pass" ? (node.place ?? "the only one") : undefined;
}

const alone = await together(1);
const all = await together(count);
console.log(
  `one run: ${alone.toFixed(1)} s; ${count} together: ${all.toFixed(1)} s, ${(all / alone).toFixed(2)} times one`,
);
