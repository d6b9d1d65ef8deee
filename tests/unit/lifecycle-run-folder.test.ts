import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { deadRuns } from "../../lifecycle/reaper.ts";
import {
  listRuns,
  openRun,
  type RunState,
  readState,
  removeWorkFolder,
  reportFolder,
  saveState,
  workFolder,
  workFolderExists,
} from "../../lifecycle/run-folder.ts";
import { scratchFolder } from "../fixtures/recipe-folder.ts";

const GONE = { pid: 2 ** 22 + 1, startTicks: 1, bootId: "another" };
const run = { run: "run-wiki-1", recipe: "wiki", dockerHost: "unix:///run/docker.sock" };

beforeEach(async () => {
  vi.stubEnv("RECIPE_CI_HOME", await scratchFolder());
  return () => vi.unstubAllEnvs();
});

describe("a run's folders", () => {
  test("are made before anything else, the engine's for its owner alone, and say whose run it is", async () => {
    const state = await openRun(run);
    expect((await stat(workFolder(run.run))).mode & 0o777).toBe(0o700);
    expect(state).toMatchObject({ ...run, owner: { pid: process.pid } });
    expect(await readState(run.run)).toEqual(state);
    expect(Math.abs(Date.now() - Date.parse(state.startedAt))).toBeLessThan(60_000);
  });

  test("the engine's goes, the reports stay", async () => {
    await openRun(run);
    await removeWorkFolder(run.run);
    expect(await workFolderExists(run.run)).toBe(false);
    expect(await readState(run.run)).toBeDefined();
    await removeWorkFolder(run.run);
  });

  test.each(["", ".", "..", "../escape", "a/b", "/etc", ".hidden", "a b", "x".repeat(101)])(
    "are never outside their place: %j is no name of a run",
    async (name) => {
      expect(() => reportFolder(name)).toThrow(RangeError);
      expect(() => workFolder(name)).toThrow(RangeError);
      expect(await readState(name)).toBeUndefined();
    },
  );
});

describe("the list of runs", () => {
  test("is empty at first", async () => {
    expect(await listRuns()).toEqual([]);
  });

  test("has the newest first, and passes over what is no run", async () => {
    const owner = GONE;
    await openRun({ ...run, run: "old" });
    await openRun({ ...run, run: "new" });
    await saveState({ ...run, run: "old", owner, startedAt: "2026-01-01T00:00:00.000Z" });
    await saveState({ ...run, run: "new", owner, startedAt: "2026-01-02T00:00:00.000Z" });
    await mkdir(join(reportFolder("broken")));
    await writeFile(join(reportFolder("broken"), "state.json"), "{");
    await writeFile(join(reportFolder("stray")), "");
    expect((await listRuns()).map((state) => state.run)).toEqual(["new", "old"]);
  });
});

describe("what a killed process left", () => {
  const now = new Date("2026-06-01T12:00:00Z");

  async function deadWith(over: Partial<RunState>): Promise<string[]> {
    const state = await openRun(run);
    await saveState({ ...state, ...over });
    return (await deadRuns(now)).map((dead) => dead.run);
  }

  test("is a run that is not finished and whose process is gone", async () => {
    expect(await deadWith({ owner: GONE })).toEqual([run.run]);
  });

  test("is a kept run whose time is over, and not before", async () => {
    expect(await deadWith({ owner: GONE, keepUntil: "2026-06-01T11:59:59Z" })).toEqual([run.run]);
    expect(await deadWith({ owner: GONE, keepUntil: "2026-06-01T12:00:01Z" })).toEqual([]);
  });

  test("is no run that goes on or is finished", async () => {
    expect(await deadWith({})).toEqual([]);
    expect(await deadWith({ owner: GONE, finishedAt: "2026-06-01T11:00:00Z" })).toEqual([]);
  });
});
