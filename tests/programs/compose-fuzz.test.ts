import { expect, test } from "vitest";
import { FIRST, fuzz } from "../fixtures/fuzz.ts";

/** Random recipes; `node tests/fuzz.ts` takes other seeds, and as many as it is told. */
const COUNT = process.env.RECIPE_CI_PROOF ? 2000 : 350;

test("whatever a recipe is made of, it loads or is refused in words for people, within 2 s and 200 MB", {
  timeout: 600_000,
}, async () => {
  const count = COUNT + 1 - FIRST;
  const { findings, loaded, refused } = await fuzz({ count, first: FIRST });
  expect(findings).toEqual([]);
  expect(loaded + refused).toBe(count);
  expect(Math.min(loaded, refused)).toBeGreaterThan(COUNT / 20);
});

test.each([
  ["processor", /^\w.*: took \d{4} ms of processor time$/],
  ["processor-of-a-program", /: took \d{4} ms of processor time$/],
  ["buffer", /: took \d{3} MB$/],
  ["buffer-and-free-it", /: took \d{3} MB$/],
  ["program", /: took \d{3} MB$/],
  ["typed-error", /: TypeError: no such thing\n +at /],
  ["passwd", /: shows \/etc\/passwd$/],
  ["exit", /^ended the process that read it \(code 7\)$/],
])("a load that takes or does what it must not is found: %s", { timeout: 60_000 }, async (greed, problem) => {
  const { findings } = await fuzz({ count: 1, first: 1, loader: `tests/fixtures/greedy-loads.ts?${greed}` });
  expect(findings).toEqual([{ seed: 1, problem: expect.stringMatching(problem) }]);
});

test("a load that takes nothing is not", { timeout: 60_000 }, async () => {
  const loader = "tests/fixtures/greedy-loads.ts?nothing";
  expect(await fuzz({ count: 4, first: 1, loader })).toMatchObject({ refused: 4, findings: [] });
});
