import { mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { bytes } from "../../lib/bytes.ts";
import { gitCaches, pullCaches } from "../../lifecycle/prune/caches.ts";
import { stores } from "../../lifecycle/prune/prune.ts";
import { pruneRunFolders, RUN_FOLDERS, runFolders, workFolders } from "../../lifecycle/prune/runs.ts";
import { beyondBytes, beyondCount, bytesOf, type Kept } from "../../lifecycle/prune/store.ts";
import { openRun, type RunState, saveState } from "../../lifecycle/run-folder.ts";
import { scratchFolder } from "../fixtures/recipe-folder.ts";

let home: string;

beforeEach(async () => {
  home = await scratchFolder();
  vi.stubEnv("RECIPE_CI_HOME", home);
  return () => vi.unstubAllEnvs();
});

const GONE = { pid: 2 ** 22 + 1, startTicks: 1, bootId: "another" };
const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const kept = (name: string, size: number, usedAt: number, needed = false): Kept => {
  return { name, bytes: size, usedAt, needed, remove: async () => undefined };
};
const names = (list: { name: string }[]) => list.map(({ name }) => name);

/** A run from minute `start` to minute `end`; undefined for one that is not over. */
async function run(name: string, start: number, end: number | undefined, over: Partial<RunState> = {}): Promise<void> {
  const state = await openRun({ run: name, recipe: "wiki", dockerHost: "unix:///x" });
  const finishedAt = end === undefined ? undefined : at(end);
  await saveState({ ...state, owner: GONE, startedAt: at(start), finishedAt, ...over });
}

describe("what is beyond a bound", () => {
  const all = [kept("old", 4, 1), kept("needed", 9, 0, true), kept("new", 4, 3), kept("middle", 4, 2)];

  test("in bytes is the longest unused, until the rest fits; what is needed stays and counts", () => {
    expect(names(beyondBytes(all, 21))).toEqual([]);
    expect(names(beyondBytes(all, 20))).toEqual(["old"]);
    expect(names(beyondBytes(all, 16))).toEqual(["old", "middle"]);
    expect(names(beyondBytes(all, 0))).toEqual(["old", "middle", "new"]);
  });

  test("in number is the oldest, oldest first; what is needed is not counted", () => {
    expect(names(beyondCount(all, 3))).toEqual([]);
    expect(names(beyondCount(all, 1))).toEqual(["old", "middle"]);
  });
});

describe("run folders", () => {
  test("beyond the newest go at the end of a run, never one that is kept, goes on, or waits to be reaped", async () => {
    for (let minute = 100; minute < 100 + RUN_FOLDERS; minute++) await run(`run-${minute}`, minute, minute + 1);
    await run("run-old", 10, 11);
    await run("run-older", 5, 6);
    await run("run-kept", 1, undefined, { keepUntil: at(9999) });
    await run("run-dead", 2, undefined);
    expect(names((await runFolders()).spare)).toEqual(["run-older", "run-old"]);
    await pruneRunFolders();
    const left = await readdir(join(home, "runs"));
    expect(left).toHaveLength(RUN_FOLDERS + 2);
    expect(left).toEqual(expect.arrayContaining(["run-kept", "run-dead", "run-100"]));
  });

  test("of runs that were beside one that goes on stay: its ledger asks for them", async () => {
    for (let minute = 100; minute < 100 + RUN_FOLDERS; minute++) await run(`run-${minute}`, minute, minute + 1);
    await run("run-beside", 10, 20);
    await run("run-before", 10, 14);
    const { owner } = await openRun({ run: "run-living", recipe: "wiki", dockerHost: "unix:///x" });
    await run("run-living", 15, undefined, { owner });
    // All that ended since it began are needed, so that the one before is within the bound.
    expect(names((await runFolders()).spare)).toEqual([]);
    for (let minute = 1000; minute < 1000 + RUN_FOLDERS; minute++) await run(`run-a-${minute}`, 1, 2);
    expect(names((await runFolders()).spare)).not.toContain("run-beside");
  });
});

test("a work folder goes where no run needs it", async () => {
  await run("run-dead", 1, undefined);
  await run("run-over", 1, 2);
  await mkdir(join(home, "work", "run-unknown"), { recursive: true });
  expect(names((await workFolders()).spare).sort()).toEqual(["run-over", "run-unknown"]);
});

test("nothing is taken of caches while a run goes on", async () => {
  await mkdir(join(home, "git", "a.git"), { recursive: true });
  expect(await gitCaches("run x goes on")).toMatchObject({ spare: [], held: "run x goes on" });
  await openRun({ run: "run-living", recipe: "wiki", dockerHost: "unix:///x" });
  const all = await stores(undefined);
  expect(all.find(({ name }) => name === "git caches")?.held).toBe("run run-living goes on");
});

test("a cache of pulls is emptied where it stands, the longest unchanged first", async () => {
  for (const [name, hour] of Object.entries({ local: 2, other: 1 })) {
    await mkdir(join(home, "pull-cache", name, "docker"), { recursive: true });
    await writeFile(join(home, "pull-cache", name, "docker", "blob"), "x".repeat(1000));
    await utimes(join(home, "pull-cache", name), hour * 3600, hour * 3600);
  }
  expect((await pullCaches(undefined)).spare).toEqual([]);
  const { spare } = await pullCaches(undefined, 1500);
  expect(names(spare)).toEqual(["other"]);
  await spare[0]?.remove();
  expect(await readdir(join(home, "pull-cache"))).toEqual(["local", "other"]);
  expect(await bytesOf(join(home, "pull-cache"))).toBe(1000);
});

test("sizes are of files alone, wherever they lie, and told in a unit that fits", async () => {
  await mkdir(join(home, "a", "b"), { recursive: true });
  await writeFile(join(home, "a", "b", "c"), "x".repeat(1500));
  await writeFile(join(home, "a", "d"), "x");
  expect(await bytesOf(home)).toBe(1501);
  expect(await bytesOf(join(home, "nowhere"))).toBe(0);
  expect([0, 1023, 1024, 1501, 3 << 20, 2 ** 50].map(bytes)).toEqual([
    "0 B",
    "1023 B",
    "1.0 KiB",
    "1.5 KiB",
    "3.0 MiB",
    "1024.0 TiB",
  ]);
});
