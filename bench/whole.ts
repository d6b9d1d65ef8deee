import { readyNode, readyPulumi } from "../cli/node.ts";
import { ProgressPrinter } from "../cli/progress.ts";
import { run } from "../lib/exec.ts";
import { projectPath } from "../lib/project.ts";
import type { RunResult } from "../lifecycle/result.ts";
import { connect } from "../swarm/client.ts";
import { subscribe } from "../swarm/engine-events.ts";
import { TRAEFIK_SERVICE } from "../swarm/entry/labels.ts";
import { type Life, startTimes } from "./start-times.ts";

// `node bench/whole.ts [recipe [options of run]]`: a whole run of a recipe (default wordpress), with what it needs, against
// what all their containers take from being made until they are healthy. Ends with code 1 where the run is not green.
// Keep the machine, and the node that runs go to, otherwise idle.
const [recipe = "wordpress", ...options] = process.argv.slice(2);
const progress = new ProgressPrinter();
const { dockerHost } = await readyNode(await readyPulumi(progress), progress, new AbortController().signal);
const lives = new Map<string, Life>();
const events = await subscribe(connect(dockerHost), ({ Type, Action, Actor }) => {
  const service = Actor.Attributes["com.docker.swarm.service.name"];
  // Only what the recipe itself asks for.
  if (Type !== "container" || !service || service === TRAEFIK_SERVICE || service.endsWith("-probe")) return;
  const life = lives.get(Actor.ID) ?? { service };
  lives.set(Actor.ID, life);
  const now = performance.now();
  if (Action === "create") life.made = now;
  else if (Action === "start") life.started = now;
  else if (Action === "health_status: healthy") life.healthy ??= now;
});
const argv = [process.execPath, projectPath("cli/main.ts"), "run", recipe, ...options, "--json"] as const;
const { stdout } = await run([...argv], { cwd: projectPath() });
events.close();
const { verdict, reason, durationMs, phases } = JSON.parse(stdout) as RunResult;
if (verdict !== "pass") {
  console.error(`${recipe}: ${verdict}, ${reason}`);
  process.exitCode = 1;
}
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
const { count, sumMs, unionMs } = startTimes([...lives.values()]);
for (const phase of phases) console.log(`  ${phase.name.padEnd(8)} ${seconds(phase.durationMs)}`);
console.log(
  `${recipe}: ${seconds(durationMs)}; ${count} containers, added up ${seconds(sumMs)}, any of them on its way ${seconds(unionMs)}; ratio ${(durationMs / sumMs).toFixed(2)}, and ${(durationMs / unionMs).toFixed(2)}`,
);
