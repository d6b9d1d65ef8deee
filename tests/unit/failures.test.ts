import { expect, test } from "vitest";
import { failuresOf, secondTriesOf } from "../failures.js";

test("a whole run counts failed tests, and files that failed by themselves, whatever failed beside them", () => {
  const file = (status: string, tests: string[], message = "") => ({
    status,
    message,
    assertionResults: tests.map((one) => ({ status: one })),
  });
  const passed = file("passed", ["passed", "pending"]);
  const twoTests = file("failed", ["failed", "passed", "failed"]);
  const cannotLoad = file("failed", [], "no such file");
  const hookOfSome = file("failed", ["skipped"]);
  const hookAndTest = file("failed", ["failed"], "afterAll threw");
  expect(failuresOf({ testResults: [passed] })).toBe(0);
  expect(failuresOf({ testResults: [twoTests] })).toBe(2);
  expect(failuresOf({ testResults: [cannotLoad, hookOfSome] })).toBe(2);
  expect(failuresOf({ testResults: [hookAndTest] })).toBe(2);
  expect(failuresOf({ testResults: [passed, twoTests, cannotLoad, hookOfSome, hookAndTest] })).toBe(6);
});

test("a whole run names what passed at the second try only, and why not at the first", () => {
  const one = (fullName: string, status: string, failureMessages: string[]) => ({ fullName, status, failureMessages });
  const assertionResults = [
    one("at once", "passed", []),
    one("late", "passed", ["Error: the engine was busy\n    at here"]),
    one("never", "failed", ["Error: first", "Error: second"]),
  ];
  expect(secondTriesOf({ testResults: [{ assertionResults }] })).toEqual([
    "at its second try: late: Error: the engine was busy",
  ]);
});
