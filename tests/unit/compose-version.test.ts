import fc from "fast-check";
import { expect, test } from "vitest";
import { compareVersions, parseVersion, type RecipeVersion } from "../../source/version.ts";

function version(text: string): RecipeVersion {
  const parsed = parseVersion(text);
  if (!parsed) throw new Error(`no version: ${text}`);
  return parsed;
}

test("releases sort by the recipe's own number, then by the app's, numbers as numbers", () => {
  const inOrder = [
    "0.1.0",
    "0.9.0+1.2.3",
    "0.10.0+1.0.0",
    "1.0.0+v1.6.870-0",
    "1.0.0+1.14.3",
    "1.0.0+1.14.10",
    "1.0.0+1.14.10.1",
    "2.0.0+8.0.3-alpine",
    "10.0.0+1",
  ];
  const sorted = inOrder.toReversed().map(version).sort(compareVersions);
  expect(sorted.map(({ text }) => text)).toEqual(inOrder);
});

test.each(["latest", "1.0", "v1.0.0+1", "1.0.0+", "1.0.0 +1", "-1.0.0+1", "1.0.0+a/b", ""])(
  "%j is no release",
  (text) => {
    expect(parseVersion(text)).toBeUndefined();
  },
);

test("the order is total: whatever is compared, both ways agree and sorting is stable", () => {
  const number = fc.nat(20);
  const app = fc.stringMatching(/^[0-9a-z][0-9a-z.-]{0,8}$/);
  const any = fc.tuple(number, number, number, app).map(([x, y, z, rest]) => version(`${x}.${y}.${z}+${rest}`));
  fc.assert(
    fc.property(any, any, any, (a, b, c) => {
      expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)) + 0);
      expect(compareVersions(a, b) === 0).toBe(a.text === b.text);
      if (compareVersions(a, b) < 0 && compareVersions(b, c) < 0) expect(compareVersions(a, c)).toBeLessThan(0);
    }),
  );
});
