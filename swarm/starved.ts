import { setTimeout } from "node:timers/promises";
import type Docker from "dockerode";
import { type Engine, type Swarm, statusOf } from "./client.ts";
import { ofEach } from "./engines.ts";
import { RUN_LABEL } from "./run-label.ts";

/** What the containers of a run do with a node's processors, on average over a second or two. */
export interface Appetite {
  /** Processors that their threads asked for, at most what their own limits allow and the node has. */
  wanted: number;
  /** Processors that they had. */
  had: number;
}

/** A thread as `ps` shows it. */
export interface Thread {
  pid: number;
  parent: number;
  /** First letter: R runs or waits for a processor. */
  state: string;
}

type Limits = Pick<Docker.HostConfig, "NanoCpus" | "CpuQuota" | "CpuPeriod">;

/** Microseconds, as Docker has it. */
const DEFAULT_PERIOD = 100_000;
const LOOKS = 8;
const PAUSE_MS = 250;
/** Below that an app mostly waits for something else than a processor. */
const LEAST_WANTED = 0.5;

/**
 * What a run's containers ask of the processors where they are, and get. An app that hangs asks for none, however busy
 * its node is. A node needs `ps` (procps) for that: where it has none they ask for nothing.
 */
function appetites(swarm: Swarm, run: string): Promise<Appetite[]> {
  return ofEach(swarm, (engine) => appetiteOn(engine, run));
}

/**
 * What is to be said of a node where others have the processors that a run's apps want; undefined where they have what
 * they want. How late they were else nobody knows.
 */
export async function tooBusy(swarm: Swarm, run: string): Promise<string | undefined> {
  const starved = (await appetites(swarm, run)).find(isStarved);
  if (!starved) return undefined;
  const [wanted, had] = [starved.wanted, starved.had].map((processors) => processors.toFixed(1));
  return `the node at ${swarm.host} is too busy: the run's apps want ${wanted} of its processors, and have ${had}`;
}

/** Whether less than half of what was asked for was to be had: so whatever was waited for takes twice its time, or more. */
export function isStarved({ wanted, had }: Appetite): boolean {
  return wanted >= LEAST_WANTED && had < wanted / 2;
}

/**
 * How many threads of an app itself want a processor. Its main process and what descends from it count; health checks
 * and whatever else is started in its container from outside do not.
 */
export function wanting(threads: readonly Thread[], main: number): number {
  const parents = new Map(threads.map(({ pid, parent }) => [pid, parent]));
  const isOwn = (pid: number | undefined): boolean => {
    for (let at = pid; at !== undefined; at = parents.get(at)) if (at === main) return true;
    return false;
  };
  return threads.filter(({ pid, state }) => state.startsWith("R") && isOwn(pid)).length;
}

/** Processors that a container may have by its own limits (Docker's `--cpus`, or `--cpu-quota` by period). */
export function allowed({ NanoCpus, CpuQuota, CpuPeriod }: Limits): number {
  if (NanoCpus) return NanoCpus / 1e9;
  return CpuQuota && CpuQuota > 0 ? CpuQuota / (CpuPeriod || DEFAULT_PERIOD) : Number.POSITIVE_INFINITY;
}

async function appetiteOn(engine: Engine, run: string): Promise<Appetite> {
  const { docker } = engine;
  const [{ NCPU }, listed] = await Promise.all([
    docker.info(),
    docker.listContainers({ filters: { label: [`${RUN_LABEL}=${run}`] } }),
  ]);
  const all = await Promise.all(listed.map(({ Id }) => appetiteOf(docker.getContainer(Id))));
  const total = (of: (one: Appetite) => number) => all.reduce((sum, one) => sum + of(one), 0);
  return {
    wanted: Math.min(
      NCPU,
      total(({ wanted }) => wanted),
    ),
    had: total(({ had }) => had),
  };
}

async function appetiteOf(container: Docker.Container): Promise<Appetite> {
  const found = await unlessGone(container.inspect());
  const main = found?.State.Pid ?? 0;
  const before = await usedBy(container);
  let wanted = 0;
  for (let look = 0; look < LOOKS; look++) {
    wanted += wanting(await threadsOf(container), main) / LOOKS;
    await setTimeout(PAUSE_MS);
  }
  const after = await usedBy(container);
  // Of one that ended meanwhile nothing is known.
  return before && after
    ? {
        wanted: Math.min(wanted, allowed(found?.HostConfig ?? {})),
        had: (after.cpuMs - before.cpuMs) / (after.at - before.at),
      }
    : { wanted: 0, had: 0 };
}

async function threadsOf(container: Docker.Container): Promise<Thread[]> {
  const listed = await unlessGone(container.top({ ps_args: "-eLo pid,ppid,stat" }));
  const rows: string[][] = listed?.Processes ?? [];
  return rows.map(([pid, parent, state = ""]) => ({ pid: Number(pid), parent: Number(parent), state }));
}

async function usedBy(container: Docker.Container): Promise<{ cpuMs: number; at: number } | undefined> {
  const stats = await unlessGone(container.stats({ stream: false, "one-shot": true }));
  const used = stats?.cpu_stats?.cpu_usage?.total_usage;
  return used ? { cpuMs: used / 1e6, at: Date.parse(stats.read) } : undefined;
}

/** Undefined for what the engine refuses: the container has ended, or its node has no such `ps`. */
async function unlessGone<T>(ask: Promise<T>): Promise<T | undefined> {
  return ask.catch((error: unknown) => {
    if (statusOf(error) === undefined) throw error;
    return undefined;
  });
}
