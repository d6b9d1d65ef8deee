import { expect, test } from "vitest";
import { minutesOf } from "../minutes.js";

test("where a whole run's minutes go: each folder's, in the order of their beginning, and those of its longest files", () => {
  const file = (path: string, from: number, to: number) => ({
    name: `/checkout/tests/${path}.test.ts`,
    startTime: from * 1000,
    endTime: to * 1000,
  });
  const report = { testResults: [file("live/a", 10, 70), file("live/b", 20, 60), file("unit/c", 0, 2)] };
  expect(minutesOf(report, "/checkout/")).toEqual([
    "tests/unit: 1 files in 2 s, 2 s side by side",
    "tests/live: 2 files in 60 s, 100 s side by side",
    "60 s  tests/live/a.test.ts",
    "40 s  tests/live/b.test.ts",
    "2 s  tests/unit/c.test.ts",
  ]);
});
