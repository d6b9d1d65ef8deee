import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { lastDuration, rememberDuration } from "../../lib/durations.ts";
import { type StepProgress, startStep, step } from "../../lib/step.ts";

let folder: string;
let now = 0;
const clock = { now: () => now, sleep: async () => undefined };
beforeEach(async () => {
  now = 0;
  folder = await mkdtemp(join(tmpdir(), "recipe-ci-step-"));
  vi.stubEnv("RECIPE_CI_HOME", folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** Runs a step that takes so long, and gives what it expected of itself. */
function take(ms: number, end: "done" | "failed" = "done", kind: object = {}): number | undefined {
  const seen: StepProgress[] = [];
  const running = startStep({ title: "machine", ...kind }, (progress) => seen.push(progress), clock);
  now += ms;
  running[end]();
  expect(seen.map(({ state }) => state)).toEqual(["going", end]);
  expect(seen.at(-1)?.elapsedMs).toBe(ms);
  return seen[0]?.expectedMs;
}

describe("what a step expects", () => {
  test("is the built-in estimate at first, then what it took last", () => {
    expect(take(8000, "done", { expectedMs: 5000 })).toBe(5000);
    expect(take(4000, "done", { expectedMs: 5000 })).toBe(8000);
    expect(take(4000)).toBe(4000);
  });

  test("comes neither from a failure nor from what was there already", () => {
    take(3000, "failed");
    take(20);
    expect(take(1, "done", { expectedMs: 5000 })).toBe(5000);
  });

  test("is kept by the key where there is one", () => {
    take(3000, "done", { key: "node: machine" });
    expect([lastDuration("node: machine"), lastDuration("machine")]).toEqual([3000, undefined]);
  });
});

test("a step that throws has failed, and passes the error on", async () => {
  const states: (string | undefined)[] = [];
  const work = step(
    { title: "x" },
    ({ state, note }) => states.push(state, note),
    async (note) => {
      note("at it");
      throw new Error("broken");
    },
  );
  await expect(work).rejects.toThrow("broken");
  expect(states).toEqual(["going", undefined, "failed", "at it"]);
});

describe("the file of durations", () => {
  test("is bounded, and forgets what was not done for longest", async () => {
    for (let index = 0; index < 210; index++) rememberDuration(`step ${index}`, 1000);
    expect([lastDuration("step 9"), lastDuration("step 10"), lastDuration("step 209")]).toEqual([
      undefined,
      1000,
      1000,
    ]);
  });

  test.each(["", "no JSON", "[1]", '{"machine": "soon"}'])("with %j in it is as none, and is mended", async (text) => {
    await writeFile(join(folder, "durations.json"), text);
    expect(lastDuration("machine")).toBeUndefined();
    rememberDuration("machine", 1234.5);
    expect(lastDuration("machine")).toBe(1235);
    expect(JSON.parse(await readFile(join(folder, "durations.json"), "utf8"))).toMatchObject({ machine: 1235 });
  });

  test("that can't be written is no error", () => {
    vi.stubEnv("RECIPE_CI_HOME", "/dev/null/x");
    expect(() => rememberDuration("machine", 1000)).not.toThrow();
  });
});
