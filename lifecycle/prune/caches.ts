import { readFile, rm } from "node:fs/promises";
import { home } from "../../lib/home.ts";
import { forgetRemovedStack, removedStacks, stateFolder } from "../pulumi-state.ts";
import { unfinished } from "./runs.ts";
import { beyondBytes, bytesOf, type Entry, entriesOf, type Kept, type Store } from "./store.ts";

const MIB = 1 << 20;
/** Bytes of repositories of recipes that stay; the longest unused go first. */
const GIT_BYTES = 2048 * MIB;
/** Bytes of images that nodes have pulled; the longest unchanged cache goes first. */
const PULL_BYTES = 5 * 1024 * MIB;
/** Bytes of Pulumi's own logs of stacks that are driven by hand. */
const LOG_BYTES = 20 * MIB;

/** Repositories of recipes. What is taken away is fetched again by the next run of that recipe. */
export async function gitCaches(held: string | undefined): Promise<Store> {
  const all = (await entriesOf(home("git"), /\.git$/)).map(asKept);
  return bounded({ name: "git caches", folder: "git", all, bound: GIT_BYTES, held });
}

/**
 * What local nodes have pulled. Each cache takes away by itself what nobody has asked for within a week.
 *
 * @param bound bytes. Default: 5 GiB
 */
export async function pullCaches(held: string | undefined, bound = PULL_BYTES): Promise<Store> {
  const all = (await entriesOf(home("pull-cache"))).map((entry) => ({
    ...asKept(entry),
    // The folder itself is in the machine as well, where one is up.
    remove: async () => {
      for (const { path } of await entriesOf(entry.path)) await rm(path, { recursive: true, force: true });
    },
  }));
  return bounded({ name: "pull caches", folder: "pull-cache", all, bound, held });
}

interface Cache extends Pick<Store, "name" | "held"> {
  /** In the home. */
  folder: string;
  all: readonly Kept[];
  /** Bytes. */
  bound: number;
}

async function bounded({ name, folder, all, bound, held }: Cache): Promise<Store> {
  const spare = held ? [] : beyondBytes(all, bound);
  return { name, bytes: await bytesOf(home(folder)), bound: `${bound / MIB} MiB`, spare, held };
}

/** Pulumi's logs, and its notes of stacks that were selected in folders, of the stacks that runs had. */
export async function engineNotes(): Promise<Store> {
  const [logs, notes] = await Promise.all([entriesOf(home("pulumi", "logs")), entriesOf(home("pulumi", "workspaces"))]);
  const stale = await Promise.all(notes.map(async (note) => ((await isOfRun(note.path)) ? [asKept(note)] : [])));
  return {
    name: "Pulumi's logs",
    bytes: [...logs, ...notes].reduce((sum, { bytes }) => sum + bytes, 0),
    bound: `${LOG_BYTES / MIB} MiB`,
    spare: [...beyondBytes(logs.map(asKept), LOG_BYTES), ...stale.flat()],
  };
}

/** Locks, history and backups of stacks that the state has no more. */
export async function removedState(): Promise<Store> {
  // In this order: a run that is making its stack has noted itself before.
  const removed = await removedStacks();
  const runs = await unfinished();
  const names = removed.filter((name) => !runs.has(name));
  const folder = stateFolder();
  return {
    name: "Pulumi's state",
    bytes: folder ? await bytesOf(folder) : undefined,
    bound: "stacks that are there",
    spare: names.map((name) => ({ name, bytes: 0, remove: () => forgetRemovedStack(name) })),
  };
}

/** A note that selects a run's stack: its folder was the run's work folder. */
async function isOfRun(path: string): Promise<boolean> {
  return /"organization\/recipe-ci\/run-/.test(await readFile(path, "utf8").catch(() => ""));
}

function asKept({ name, path, bytes, usedAt }: Entry): Kept {
  return { name, bytes, usedAt, remove: () => rm(path, { recursive: true, force: true }) };
}
