import { expect, test } from "vitest";
import { present } from "../../lib/present.ts";

test("what is there is given, an empty text too", () => {
  expect(present("", "x")).toBe("");
  expect(present(0, "x")).toBe(0);
});

test("what is missing is named", () => {
  expect(() => present(undefined, "the value of secret a_b_v1")).toThrow("the value of secret a_b_v1 is not there");
});
