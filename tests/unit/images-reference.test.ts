import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inMirror } from "../../images/mirror.ts";
import { familiar, familiarName, parseReference, withDefaultTag } from "../../images/reference.ts";
import { UserError } from "../../lib/errors.ts";

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;

describe("an image reference", () => {
  test.each([
    ["nginx", { registry: "docker.io", repository: "library/nginx" }],
    ["nginx:1.26.3", { registry: "docker.io", repository: "library/nginx", tag: "1.26.3" }],
    ["docker.io/nginx:1", { registry: "docker.io", repository: "library/nginx", tag: "1" }],
    ["index.docker.io/library/nginx:1", { registry: "docker.io", repository: "library/nginx", tag: "1" }],
    ["restic/restic:0.18.0", { registry: "docker.io", repository: "restic/restic", tag: "0.18.0" }],
    ["127.0.0.1:5000/a:b", { registry: "127.0.0.1:5000", repository: "a", tag: "b" }],
    ["127.0.0.1:5000/a", { registry: "127.0.0.1:5000", repository: "a" }],
    ["localhost/a", { registry: "localhost", repository: "a" }],
    ["ghcr.io/x/y/z", { registry: "ghcr.io", repository: "x/y/z" }],
    [`nginx:1@${DIGEST}`, { registry: "docker.io", repository: "library/nginx", tag: "1", digest: DIGEST }],
  ])("%s names its parts as Docker reads them", (text, parts) => {
    expect(parseReference(text)).toEqual({ tag: undefined, digest: undefined, ...parts });
  });

  test.each([
    "",
    ":1",
    "Nginx:1",
    "nginx:",
    "nginx:-a",
    "a//b",
    "nginx@sha256:12",
    `nginx@${DIGEST}@${DIGEST}`,
    "$(id)",
    "a b",
    "ghcr.io/",
    "a/-b",
    `${"a".repeat(260)}`,
  ])("%j is refused", (text) => {
    expect(() => parseReference(text)).toThrow(UserError);
  });

  const component = fc.stringMatching(/^[a-z0-9]{1,8}(?:[._-][a-z0-9]{1,8})?$/);
  const reference = fc.record({
    registry: fc.constantFrom("docker.io", "ghcr.io", "localhost", "registry.example:5000", "127.0.0.1:5000"),
    repository: fc
      .array(component, { minLength: 2, maxLength: 4 })
      .filter(([first = ""]) => !first.includes(".") && first !== "localhost")
      .map((parts) => parts.join("/")),
    tag: fc.option(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/), { nil: undefined }),
    digest: fc.constantFrom(undefined, DIGEST),
  });

  test("written in short form reads back as the same reference", () => {
    fc.assert(
      fc.property(reference, (one) => {
        expect(parseReference(familiar(one))).toEqual(one);
      }),
    );
  });

  test("never makes anything but a UserError of foreign text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        try {
          parseReference(text);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
    );
  });

  test("without tag means latest, but not beside a digest", () => {
    expect(withDefaultTag(parseReference("nginx")).tag).toBe("latest");
    expect(withDefaultTag(parseReference(`nginx@${DIGEST}`)).tag).toBeUndefined();
  });

  test("has a place of its own in a mirror, valid as a reference", () => {
    fc.assert(
      fc.property(reference, (one) => {
        const { digest: _, ...tagged } = one;
        const copy = inMirror(tagged, "127.0.0.1:5000");
        expect(parseReference(familiar(copy))).toMatchObject({ registry: "127.0.0.1:5000", tag: one.tag });
        expect(copy.repository.endsWith(one.repository)).toBe(true);
      }),
    );
    expect(familiarName(inMirror(parseReference("nginx:1"), "m:1"))).toBe("m:1/library/nginx");
    expect(familiarName(inMirror(parseReference("ghcr.io/x/y:1"), "m:1"))).toBe("m:1/ghcr.io/x/y");
  });
});
