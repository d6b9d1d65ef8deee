import assert from "node:assert";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { AuthorError, authored, authoredSeed } from "../../checks/authored.ts";
import { CheckFailure } from "../../checks/check-failure.ts";
import { InfraError } from "../../lib/errors.ts";
import { appSpec } from "../fixtures/spec.ts";

const never = new AbortController().signal;
const thrownBy = (work: () => unknown, signal = never) =>
  authored('check "login"', signal, work).catch((error: unknown) => error);

test("what an author's code gives is handed on", async () => {
  expect(await authored("a check", never, async () => 7)).toBe(7);
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

test.each<[string, () => AbortSignal]>([
  ["a time limit", () => AbortSignal.timeout(1)],
  ["a signal", () => AbortSignal.abort()],
])("%s of the author's own that ends a wait is a check that does not hold", async (_, limit) => {
  const error = await thrownBy(() => setTimeout(60_000, undefined, { signal: limit() }));
  expect(error).toBeInstanceOf(CheckFailure);
  expect(error).toMatchObject({ owner: "recipe", message: expect.stringMatching(/abort/) });
});

test("the end of the check itself is nobody's failure", async () => {
  const signal = AbortSignal.abort();
  const error = await thrownBy(() => setTimeout(60_000, undefined, { signal }), signal);
  expect(error).toMatchObject({ name: "AbortError" });
  expect(error).not.toHaveProperty("owner");
});

test("a mistake in where a seed lies in a snapshot is its author's as well", () => {
  const seed = authoredSeed({
    name: "row",
    write: async () => {},
    read: async () => "",
    snapshotPlace: () => {
      throw new TypeError("x is undefined");
    },
  });
  expect(() => seed.snapshotPlace?.(appSpec())).toThrow(
    expect.objectContaining({ owner: "author", message: 'seed "row" of ci.ts broke: TypeError: x is undefined' }),
  );
});
