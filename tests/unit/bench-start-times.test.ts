import { expect, test } from "vitest";
import { startTimes } from "../../bench/start-times.ts";

test("containers count from being made until they are healthy, or started where none has a health check", () => {
  const lives = [
    { service: "app", made: 0, started: 1, healthy: 10 },
    { service: "db", made: 5, started: 8 },
    // Killed before it was healthy.
    { service: "app", made: 20, started: 21 },
    { service: "app", made: 30, started: 31, healthy: 35 },
    { service: "app", started: 40, healthy: 45 },
  ];
  expect(startTimes(lives)).toEqual({ count: 3, sumMs: 18, unionMs: 15 });
});

test("none took no time", () => {
  expect(startTimes([])).toEqual({ count: 0, sumMs: 0, unionMs: 0 });
});
