import assert from "node:assert";
import { expect, test } from "vitest";
import { AuthorError, authored } from "../../checks/authored.ts";
import { CheckFailure } from "../../checks/check.ts";
import { InfraError } from "../../lib/errors.ts";

const thrownBy = (work: () => unknown) => authored('check "login"', work).catch((error: unknown) => error);

test("what an author's code gives is handed on", async () => {
  expect(await authored("a check", async () => 7)).toBe(7);
});

test.each([
  ["a failed assertion", new CheckFailure("no button")],
  ["a broken node", new InfraError("no answer")],
])("%s stays what it is", async (_, error) => {
  expect(
    await thrownBy(() => {
      throw error;
    }),
  ).toBe(error);
});

test.each([
  ["Node's own assertions", () => assert.equal(500, 200, "the page is broken")],
  ["plain errors", () => Promise.reject(new Error("the page is broken"))],
])("%s are the recipe's failures as well", async (_, work) => {
  const error = await thrownBy(work);
  expect(error).toBeInstanceOf(CheckFailure);
  expect(error).toMatchObject({ message: "the page is broken", owner: "recipe" });
});

test.each<[string, unknown, string]>([
  ["a mistake", new TypeError("x is undefined"), "TypeError: x is undefined"],
  ["a file that is not there", Object.assign(new Error("ENOENT: x"), { code: "ENOENT" }), "Error: ENOENT: x"],
  ["what is no error", "just text", "just text"],
])("%s in it is its author's, with what was thrown as the cause", async (_, thrown, said) => {
  const error = await thrownBy(() => {
    throw thrown;
  });
  expect(error).toBeInstanceOf(AuthorError);
  expect(error).toMatchObject({ owner: "author", message: `check "login" of ci.ts broke: ${said}`, cause: thrown });
});
