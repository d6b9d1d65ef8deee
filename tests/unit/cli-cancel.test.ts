import { expect, test } from "vitest";
import { cancelOnSignals } from "../../cli/cancel.ts";

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("%s cancels, and says so once", (name) => {
  const said: string[] = [];
  const others = process.listeners(name);
  const { signal, release } = cancelOnSignals((line) => said.push(line));
  try {
    process.emit(name, name);
    expect(signal.reason).toEqual(new Error(`cancelled by ${name}`));
    expect(said).toEqual([expect.stringContaining(`${name}: `)]);
  } finally {
    release();
  }
  expect(process.listeners(name)).toEqual(others);
});

test("a terminal that is closed is told of by several, and is no second wish", () => {
  const said: string[] = [];
  const { signal, release } = cancelOnSignals((line) => said.push(line));
  for (const _ of [1, 2, 3, 4]) process.emit("SIGHUP", "SIGHUP");
  release();
  expect(signal.aborted).toBe(true);
  expect(said).toHaveLength(1);
});
