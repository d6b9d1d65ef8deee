// `node bench/parallel.ts [runs]`: wall time of runs of custom-html that are started together (default 8), against one
// alone, on the local node. Ends with code 1 when one of them is not green.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { projectPath } from "../lib/project.ts";

const count = Number(process.argv[2] ?? 8);

/** Seconds until the last of some runs that start together has ended. */
async function together(runs: number): Promise<number> {
  const start = performance.now();
  const codes = await Promise.all(Array.from({ length: runs }, one));
  const failed = codes.filter((code) => code !== 0).length;
  if (failed > 0) {
    console.error(`${failed} of ${runs} runs are not green`);
    process.exitCode = 1;
  }
  return (performance.now() - start) / 1000;
}

async function one(): Promise<number> {
  const argv = [projectPath("cli/main.ts"), "run", "custom-html"];
  const child = spawn(process.execPath, argv, { cwd: projectPath(), stdio: "ignore" });
  const [code] = (await once(child, "exit")) as [number | null];
  return code ?? 1;
}

const alone = await together(1);
const all = await together(count);
console.log(
  `one run: ${alone.toFixed(1)} s; ${count} together: ${all.toFixed(1)} s, ${(all / alone).toFixed(2)} times one`,
);
