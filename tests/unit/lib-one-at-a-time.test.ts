import { once } from "node:events";
import { beforeEach, expect, test, vi } from "vitest";
import { oneAtATime } from "../../lib/one-at-a-time.ts";
import type { StepProgress } from "../../lib/step.ts";
import { scratchFolder } from "../fixtures/recipe-folder.ts";

beforeEach(async () => {
  vi.stubEnv("RECIPE_CI_HOME", await scratchFolder());
  return () => vi.unstubAllEnvs();
});

function turn(seen: StepProgress[], signal?: AbortSignal) {
  const words = { name: "the engine", title: "engine", doing: "making it", deadline: "1 min" } as const;
  return { ...words, signal, onStep: (one: StepProgress) => void seen.push(one) };
}

test("who comes second says whom it waits for, and then does its work", async () => {
  const [first, second]: StepProgress[][] = [[], []];
  const end = new AbortController();
  const one = oneAtATime(turn(first ?? []), () => once(end.signal, "abort"));
  const two = oneAtATime(turn(second ?? []), async () => "looked");
  await vi.waitFor(() => expect(second?.at(-1)?.note).toBe(`waiting for process ${process.pid}, which is making it`), {
    timeout: 5_000,
  });
  end.abort();
  await one;
  expect(await two).toBe("looked");
  expect(first).toEqual([]);
  expect(second?.at(-1)).toMatchObject({ title: "engine", state: "done" });
});

test("a wait that is given up ends as a step that failed", async () => {
  const seen: StepProgress[] = [];
  const cancel = new AbortController();
  await oneAtATime(turn([]), async () => {
    const two = oneAtATime(turn(seen, cancel.signal), async () => "looked");
    await vi.waitFor(() => expect(seen).not.toEqual([]));
    cancel.abort(new Error("enough"));
    await expect(two).rejects.toThrow("enough");
  });
  expect(seen.at(-1)).toMatchObject({ state: "failed" });
});

test("an error of the work is its own", async () => {
  await expect(oneAtATime(turn([]), () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
});
