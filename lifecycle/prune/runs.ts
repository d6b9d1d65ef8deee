import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { home } from "../../lib/home.ts";
import { isAlive } from "../../lib/process-identity.ts";
import { listRuns, type RunState, reportFolder } from "../run-folder.ts";
import { beyondCount, bytesOf, type Kept, type Spare, type Store } from "./store.ts";

/** How many finished runs keep their folder. */
export const RUN_FOLDERS = 50;

/** The folders of runs. A run that goes on, is kept or waits to be reaped has its own; so do those its ledger asks of. */
export async function runFolders(): Promise<Store> {
  const runs = await listRuns();
  const all = await Promise.all(runs.map((state) => keptRun(state, isNeeded(state, runs))));
  return {
    name: "run folders",
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    bound: `the newest ${RUN_FOLDERS}`,
    spare: beyondCount(all, RUN_FOLDERS),
  };
}

/** Takes away what is beyond the bound of run folders. */
export async function pruneRunFolders(): Promise<void> {
  // Sizes cost a look at every file, and there is mostly nothing to do.
  if ((await readdir(home("runs")).catch(() => [])).length <= RUN_FOLDERS) return;
  for (const { remove } of (await runFolders()).spare) await remove();
}

/** Work folders that no run needs: its process ended before it said whose they are, or its folder was removed. */
export async function workFolders(): Promise<Store> {
  // In this order: a run notes itself before it makes its folder.
  const names = await readdir(home("work")).catch((): string[] => []);
  const runs = await unfinished();
  const spare = names.filter((name) => !runs.has(name)).map(spareFolder);
  return {
    name: "work folders",
    bytes: await bytesOf(home("work")),
    bound: "those of runs",
    spare: await Promise.all(spare),
  };
}

/** Whether a run has not ended, or ended while one that goes on had begun: that one asks who was beside it. */
export function isNeeded(state: RunState, runs: readonly RunState[]): boolean {
  const { finishedAt } = state;
  if (!finishedAt) return true;
  return runs.some((other) => !other.finishedAt && isAlive(other.owner) && other.startedAt <= finishedAt);
}

async function keptRun({ run, startedAt }: RunState, needed: boolean): Promise<Kept> {
  const folder = reportFolder(run);
  const remove = () => rm(folder, { recursive: true, force: true });
  return { name: run, bytes: await bytesOf(folder), usedAt: Date.parse(startedAt), needed, remove };
}

async function spareFolder(name: string): Promise<Spare> {
  const folder = join(home("work"), name);
  return { name, bytes: await bytesOf(folder), remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Names of runs that go on, are kept, or wait to be reaped. */
export async function unfinished(): Promise<Set<string>> {
  return new Set((await listRuns()).filter((state) => !state.finishedAt).map(({ run }) => run));
}
