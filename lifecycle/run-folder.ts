import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { exists } from "../lib/exists.ts";
import { home } from "../lib/home.ts";
import { type ProcessIdentity, processIdentity } from "../lib/process-identity.ts";
import { replaceFile } from "../lib/replace-file.ts";
import { forgetRemovedStack } from "./pulumi-state.ts";

/** What is known of a run from its folder alone, also after its process was killed. */
export interface RunState {
  run: string;
  recipe: string;
  owner: ProcessIdentity;
  dockerHost: string;
  /** Where its backups lie, as restic names it. Default: on the node. */
  backupStore?: string;
  startedAt: string;
  /** Set when everything was torn down and the reports are written. */
  finishedAt?: string;
  /** ISO time until which a kept stack may stay. */
  keepUntil?: string;
}

/** Pulumi's own rule for a stack name, without those that begin with a dot: never a path. */
const RUN_NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/;

/** The reports of a run; they stay. @throws RangeError for what is no name of a run */
export function reportFolder(run: string): string {
  return home("runs", checked(run));
}

/** Files of a run that must not outlive it: Pulumi's work folder. @throws RangeError as {@link reportFolder} */
export function workFolder(run: string): string {
  return home("work", checked(run));
}

function checked(run: string): string {
  if (!RUN_NAME.test(run)) throw new RangeError(`"${run.slice(0, 100)}" is no name of a run`);
  return run;
}

/** Makes both folders of a new run and notes who owns it, before anything else exists. */
export async function openRun(state: Omit<RunState, "owner" | "startedAt">): Promise<RunState> {
  const full: RunState = { ...state, owner: processIdentity(), startedAt: new Date().toISOString() };
  await mkdir(reportFolder(state.run), { recursive: true });
  await saveState(full);
  await mkdir(workFolder(state.run), { recursive: true, mode: 0o700 });
  return full;
}

export async function saveState(state: RunState): Promise<void> {
  const file = join(reportFolder(state.run), "state.json");
  replaceFile(file, `${JSON.stringify(state, null, 2)}\n`);
}

/** Takes away all of a run but its reports, and what Pulumi keeps of its stack once that is removed. */
export async function removeWorkFolder(run: string): Promise<void> {
  await rm(workFolder(run), { recursive: true, force: true });
  await forgetRemovedStack(run);
}

/** Whether the work folder is still there. */
export function workFolderExists(run: string): Promise<boolean> {
  return exists(workFolder(run));
}

/** Every run with a readable state, newest first. */
export async function listRuns(): Promise<RunState[]> {
  const names = await readdir(home("runs")).catch(() => []);
  const states = await Promise.all(names.map(readState));
  return states.flatMap((state) => state ?? []).sort((a, b) => b.startedAt.localeCompare(a.startedAt));
}

export async function readState(run: string): Promise<RunState | undefined> {
  try {
    return JSON.parse(await readFile(join(reportFolder(run), "state.json"), "utf8")) as RunState;
  } catch {
    return undefined;
  }
}
