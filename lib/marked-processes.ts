import { readFile } from "node:fs/promises";
import { processIdentity } from "./process-identity.ts";
import { allPids, waitGone } from "./processes.ts";
import { signalProcess } from "./signal.ts";

/**
 * Ends every process that has `variable=value` in its environment, but this one, and waits until they are gone.
 * Children inherit the mark, so what a killed program has left running is known by it. Does nothing where there is
 * no /proc.
 *
 * @returns how many processes were ended
 * @throws DeadlineError for one that is still there after 10 s
 */
export async function endMarked(variable: string, value: string): Promise<number> {
  const pids = await allPids();
  const marked = await Promise.all(pids.map((pid) => hasMark(pid, `${variable}=${value}`)));
  const found = pids.filter((pid, index) => marked[index] && pid !== process.pid).map((pid) => processIdentity(pid));
  const ended = found.filter((identity) => signalProcess(identity, "SIGKILL"));
  for (const identity of ended) await waitGone(identity, "10 s");
  return ended.length;
}

async function hasMark(pid: number, mark: string): Promise<boolean> {
  // A process may end, or not be ours to read, between the listing and the look.
  const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
  return environment.split("\0").includes(mark);
}
