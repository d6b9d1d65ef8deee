import fc from "fast-check";
import { expect, test } from "vitest";
import { labelTime, nodeLabels, timeLabel } from "../../nodes/hetzner/labels.ts";
import { isLabelKey, isLabelValue } from "../hetzner/emulator/api/labels.ts";

test("everything of a stack says whose it is, and until when", () => {
  expect(nodeLabels("ci")).toEqual({ "managed-by": "recipe-ci", stack: "ci" });
  expect(nodeLabels("ci", new Date("2026-11-27T10:00:00.123Z"))).toEqual({
    "managed-by": "recipe-ci",
    stack: "ci",
    "expires-at": "2026-11-27T10.00.00Z",
  });
});

test("labels are such that Hetzner takes them, whatever the stack is called", () => {
  // Names that Pulumi allows.
  const stack = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/);
  fc.assert(
    fc.property(
      stack,
      fc.date({ min: new Date(0), max: new Date("9999-01-01"), noInvalidDate: true }),
      (name, expiry) => {
        for (const [key, value] of Object.entries(nodeLabels(name, expiry)))
          expect([key, value, isLabelKey(key) && isLabelValue(value)]).toEqual([key, value, true]);
      },
    ),
  );
});

test("two stacks never share a label", () => {
  const long = "a".repeat(63);
  expect(nodeLabels(`${long}b`).stack).not.toBe(nodeLabels(`${long}c`).stack);
  expect(nodeLabels("ci_").stack).not.toBe(nodeLabels("ci").stack);
});

test("a label's time is read back, and nothing else is taken for one", () => {
  const time = new Date("2026-02-28T23:59:58Z");
  expect(labelTime(timeLabel(time))).toEqual(time);
  for (const other of ["", "soon", "2026-02-28T23:59:58Z", "2026-13-28T23.59.58Z"])
    expect(labelTime(other)).toBeUndefined();
});
