import { expect, test } from "vitest";
import { allowed, isStarved, wanting } from "../../swarm/starved.ts";

test("an app's own threads count that run or wait for a processor, and nothing that others start in its container", () => {
  const threads = [
    { pid: 100, parent: 7, state: "Ssl" },
    { pid: 100, parent: 7, state: "Rsl" },
    { pid: 101, parent: 100, state: "R" },
    { pid: 102, parent: 101, state: "R+" },
    { pid: 103, parent: 101, state: "D" },
    // A health check, which the engine's shim starts, and what that starts.
    { pid: 200, parent: 7, state: "R" },
    { pid: 201, parent: 200, state: "R" },
  ];
  expect(wanting(threads, 100)).toBe(3);
  expect(wanting(threads, 1)).toBe(0);
});

test.each([
  ["has what it wants", 2, 1.9, false],
  ["has a good part of it", 2, 1.1, false],
  ["has little of it", 2, 0.3, true],
  ["wants one, and has little", 1, 0.2, true],
  ["hangs, whatever others do", 0, 0.01, false],
  ["looks up now and then", 0.3, 0.01, false],
])("an app that %s", (_, wanted, had, starved) => {
  expect(isStarved({ wanted, had })).toBe(starved);
});

test("an app that its own limits hold back is not starved by others", () => {
  expect(
    [{ NanoCpus: 250_000_000 }, { CpuQuota: 50_000 }, { CpuQuota: 50_000, CpuPeriod: 25_000 }].map(allowed),
  ).toEqual([0.25, 0.5, 2]);
  expect([{}, { NanoCpus: 0, CpuQuota: 0 }, { CpuQuota: -1 }].map(allowed)).toEqual(Array(3).fill(Infinity));
});
