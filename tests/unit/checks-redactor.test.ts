import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Redactor } from "../../masking/redactor.ts";

function redactor(...values: string[]): Redactor {
  const made = new Redactor();
  for (const value of values) made.add(value);
  return made;
}

describe("a secret is masked", () => {
  const secret = "p&ss w/rd=1";
  test.each([
    ["as it is", secret],
    ["in base64", Buffer.from(secret).toString("base64")],
    ["in a URL", encodeURIComponent(secret)],
  ])("%s", (_, form) => {
    expect(redactor(secret).text(`before ${form}, ${form} after`)).toBe("before [secret], [secret] after");
  });

  test("also without the newline it was given with", () => {
    expect(redactor("from-a-file\n").text("value: from-a-file.")).toBe("value: [secret].");
  });

  test("also when another begins inside it: no part of either is left", () => {
    expect(redactor("abcdef", "defghi").text("<abcdefghi>")).toBe("<[secret]>");
    expect(redactor("abcdef", "abcdefgh").text("<abcdefgh> <abcdef>")).toBe("<[secret]> <[secret]>");
    expect(redactor("abcdefghij", "cdefgh").text("<abcdefghij>")).toBe("<[secret]>");
    expect(redactor("ababab").text("<abababab>")).toBe("<[secret]>");
  });

  test("in every string of nested data, and only there", () => {
    const input = { a: ["hunter2-hunter2", 7, null], b: { c: "x hunter2-hunter2", d: true }, e: undefined };
    const given = structuredClone(input);
    expect(redactor("hunter2-hunter2").deep(input)).toEqual({
      a: ["[secret]", 7, null],
      b: { c: "x [secret]", d: true },
      e: undefined,
    });
    expect(input).toEqual(given);
  });
});

test.each(["", "a", "admin"])("a value as short as %j masks nothing", (value) => {
  expect(redactor(value).text("the admin has a name")).toBe("the admin has a name");
});

test("two secrets side by side are two", () => {
  expect(redactor("first-secret", "other-secret").text("first-secretother-secret")).toBe("[secret][secret]");
});

test("no secret, whatever it is, survives in any text around it", () => {
  const secret = fc.string({ minLength: 6, maxLength: 20, unit: "binary" });
  fc.assert(
    fc.property(fc.array(secret, { minLength: 1, maxLength: 4 }), fc.string(), fc.string(), (secrets, left, right) => {
      // What is made of the mask itself says nothing.
      fc.pre(secrets.every((one) => !"[secret][secret]".includes(one)));
      const text = redactor(...secrets).text(left + secrets.join("") + right);
      for (const part of text.split("[secret]")) for (const one of secrets) expect(part).not.toContain(one);
    }),
  );
});
