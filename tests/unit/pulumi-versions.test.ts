import { describe, expect, test } from "vitest";
import { isAtLeast, parseVersion } from "../../pulumi/versions.ts";

describe("parseVersion", () => {
  test.each([
    ["v3.259.0", [3, 259, 0]],
    ["3.260.0-dev.123+abc", [3, 260, 0]],
    ["go1.26.8", [1, 26, 8]],
    ["1.26", [1, 26, 0]],
  ])("%s", (text, expected) => {
    expect(parseVersion(text)).toEqual(expected);
  });

  test("a text without a version has none", () => {
    expect(parseVersion("devel")).toBeUndefined();
  });
});

describe("isAtLeast", () => {
  test.each([
    ["v3.245.0", "3.245.0", true],
    ["v3.244.9", "3.245.0", false],
    ["4.0.0", "3.245.0", true],
    ["2.999.0", "3.245.0", false],
    ["3.1000.0", "3.245.0", true],
    ["go1.9.9", "1.26", false],
    ["go1.26.0", "1.26", true],
    ["", "1.26", false],
  ])("%s against %s", (version, minimum, expected) => {
    expect(isAtLeast(version, minimum)).toBe(expected);
  });
});
