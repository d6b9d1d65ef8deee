import { expect, test } from "vitest";
import { fuzz } from "../fixtures/fuzz.ts";

/** `node tests/fuzz.ts` takes more, and other seeds. */
const COUNT = 2000;
/** On a machine that is busy with other tests only a recipe that never ends is told from a slow one. */
const HANGS = 20_000;

test("whatever a recipe is made of, it loads or is refused in words for people", { timeout: 300_000 }, async () => {
  const { findings, loaded, refused } = await fuzz({ count: COUNT, limitMs: HANGS });
  expect(findings).toEqual([]);
  expect(loaded + refused).toBe(COUNT);
  expect(Math.min(loaded, refused)).toBeGreaterThan(COUNT / 20);
});
