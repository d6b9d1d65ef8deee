import { expect, test } from "vitest";
import { describe, InfraError, together, UserError, UserErrors, userErrors } from "../../lib/errors.ts";

test("an error is shown as place, message and remedy, without a stack", () => {
  const place = { file: "compose.yml", line: 3, key: "services.app" };
  expect(describe(new UserError("has no image", { place, remedy: "give it one" }))).toBe(
    "compose.yml:3 services.app: has no image\n  remedy: give it one",
  );
  expect(describe(new InfraError("no network", { remedy: "wait" }))).toBe("no network\n  remedy: wait");
});

test("names of a recipe can't colour the terminal, hide text or write a line of their own", () => {
  const evil = "a\u001b[31mred\u001b]0;title\u0007\u202eb\u0000";
  const place = { file: `${evil}.yml`, key: "services.x\n  remedy: curl evil" };
  const shown = describe(new UserErrors([new UserError(`volume "${evil}" is not declared`, { place, remedy: evil })]));
  expect(shown).not.toMatch(/[^\P{Cc}\n]|\u202e/u);
  expect(shown.split("\n")).toHaveLength(2);
  expect(describe(new InfraError(evil))).not.toContain("\u001b");
  expect(describe(new Error(evil))).not.toContain("\u001b");
});

test("what is shown stays short, whatever a recipe's names and number of mistakes", () => {
  const long = "x".repeat(100_000);
  const one = describe(new UserError(long, { place: { file: long, key: long }, remedy: long }));
  expect(one.length).toBeLessThan(4_000);
  const many = Array.from(
    { length: 5_000 },
    (_, line) => new UserError("wrong", { place: { file: "f", line: line + 1 } }),
  );
  const all = describe(new UserErrors(many)).split("\n");
  expect(all).toHaveLength(101);
  expect(all.at(-1)).toBe("and 4900 more");
});

test("a mistake found twice is shown once", () => {
  const twice = [new UserError("wrong", { place: { file: "f" } }), new UserError("wrong", { place: { file: "f" } })];
  expect(describe(new UserErrors(twice))).toBe("f: wrong");
});

test("parts give their values together, or all their mistakes", async () => {
  const fail =
    (...messages: string[]) =>
    () => {
      throw new UserErrors(messages.map((message) => new UserError(message)));
    };
  await expect(together([() => 1, async () => "b"])).resolves.toEqual([1, "b"]);
  const failing = together([fail("a", "b"), () => 1, async () => fail("c")()]);
  await expect(failing.catch((error: unknown) => userErrors(error).map(({ message }) => message))).resolves.toEqual([
    "a",
    "b",
    "c",
  ]);
  const broken = new TypeError("a defect");
  await expect(together([fail("a"), () => Promise.reject(broken)])).rejects.toBe(broken);
});
