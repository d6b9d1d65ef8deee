import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isReady, makePart, type Part } from "../../pulumi/part.ts";

let folder: string;
let part: Part;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "recipe-ci-part-"));
  part = { title: "tool", directory: join(folder, "deep", "tool"), executable: "run", key: "one" };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const fill =
  (content: string, mode = 0o755) =>
  (staging: string) =>
    writeFile(join(staging, "run"), content, { mode });

describe("makePart and isReady", () => {
  test("a part is ready once made, and not for another key", async () => {
    expect(await isReady(part)).toBe(false);
    await makePart(part, fill("first"));
    expect(await isReady(part)).toBe(true);
    expect(await isReady({ ...part, key: "two" })).toBe(false);
  });

  test("a new one replaces the old one and leaves nothing beside it", async () => {
    await makePart(part, fill("first"));
    await makePart({ ...part, key: "two" }, fill("second"));
    expect(await readFile(join(part.directory, "run"), "utf8")).toBe("second");
    expect(await readdir(join(folder, "deep"))).toEqual(["tool"]);
  });

  test("a build that fails leaves the old one", async () => {
    await makePart(part, fill("first"));
    await expect(makePart({ ...part, key: "two" }, () => Promise.reject(new Error("no network")))).rejects.toThrow();
    expect(await isReady(part)).toBe(true);
    expect(await readdir(join(folder, "deep"))).toEqual(["tool"]);
  });

  test("what a killed build has left is removed by the next one, and by it only of this part", async () => {
    const beside = join(folder, "deep");
    for (const name of [".staging-tool-new", ".staging-other-new"])
      await mkdir(join(beside, name, "x"), { recursive: true });
    await makePart(part, fill("first"));
    expect((await readdir(beside)).sort()).toEqual([".staging-other-new", "tool"]);
  });

  test("a part whose program is gone or can't be run is not ready", async () => {
    await makePart(part, fill("first", 0o644));
    expect(await isReady(part)).toBe(false);
    await rm(join(part.directory, "run"));
    expect(await isReady(part)).toBe(false);
  });
});
