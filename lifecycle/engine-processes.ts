import { readdir, readFile } from "node:fs/promises";
import { signalPid } from "../lib/signal.ts";

/** Variable that every process of a run's engine carries: the CLI, and the plugins it starts. */
export const RUN_VARIABLE = "RECIPE_CI_RUN";

/**
 * Ends what is left of a run's engine: when the runner is killed, plugins may go on without anyone to talk to.
 * They are known by the run's name in their environment. Does nothing where there is no /proc.
 *
 * @returns how many processes were ended
 */
export async function endEngineProcesses(run: string): Promise<number> {
  const names = await readdir("/proc").catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const ours = await Promise.all(pids.map((pid) => belongsTo(pid, run)));
  return pids.filter((pid, index) => ours[index] && pid !== process.pid && signalPid(pid, "SIGKILL")).length;
}

async function belongsTo(pid: number, run: string): Promise<boolean> {
  // A process may end, or not be ours to read, between the listing and the look.
  const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
  return environment.split("\0").includes(`${RUN_VARIABLE}=${run}`);
}
