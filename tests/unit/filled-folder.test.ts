import { existsSync } from "node:fs";
import { readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { APPLICATION_TWINS, applicationTwin } from "../application-twins.ts";
import { filledFolder } from "../fixtures/filled-folder.ts";
import { compose } from "../recipe-edits.ts";
import { TWINS, twinSource } from "../twins.ts";

test("a folder that could be filled stays for its caller, one that could not is gone", async () => {
  const filled = await filledFolder("test-filled", async (folder) => {
    await writeFile(join(folder, "file"), "text");
    return folder;
  });
  expect(await readdir(filled)).toEqual(["file"]);
  await rm(filled, { recursive: true });

  let began = "";
  const failing = filledFolder("test-filled", async (folder) => {
    began = folder;
    await writeFile(join(folder, "file"), "text");
    throw new Error("no more");
  });
  await expect(failing).rejects.toThrow("no more");
  expect(began).toContain("recipe-ci-test-filled-");
  expect(existsSync(began)).toBe(false);
});

test("a twin whose edit fits its recipe no more leaves nothing", async () => {
  const edits = [compose("no recipe has this", "")];
  const left = async () => (await readdir(tmpdir())).filter((name) => name.includes("-unfit-"));
  using _small = withEntry(TWINS, "unfit-small", { ...TWINS["no-such-image"], edits });
  using _large = withEntry(APPLICATION_TWINS, "unfit-large", { ...APPLICATION_TWINS["wrong-port"], edits });
  await expect(twinSource("unfit-small" as keyof typeof TWINS)).rejects.toThrow("has no");
  await expect(applicationTwin("unfit-large")).rejects.toThrow("has no");
  expect(await left()).toEqual([]);
});

/** Puts one more into a table for a while: other files' tests go through the same. */
function withEntry(table: object, key: string, value: unknown): Disposable {
  Object.assign(table, { [key]: value });
  return { [Symbol.dispose]: () => void Reflect.deleteProperty(table, key) };
}
