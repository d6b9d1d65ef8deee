import { expect, test } from "vitest";
import { killsIn } from "../../checks/killed-for-memory.ts";

test.each<[string, number]>([
  ["low 0\nhigh 0\nmax 41\noom 3\noom_kill 2\noom_group_kill 0\n", 2],
  ["low 0\nhigh 0\nmax 41\noom 3\noom_kill 0\n", 0],
  ["oom_kill_disable 0\nunder_oom 0\noom_kill 1\n", 1],
  ["", 0],
])("processes that the kernel ended are counted as it says: %j", (counts, killed) => {
  expect(killsIn(counts)).toBe(killed);
});
