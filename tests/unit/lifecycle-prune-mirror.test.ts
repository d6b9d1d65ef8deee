import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { imageMirror } from "../../lifecycle/prune/mirror.ts";
import { scratchFolder } from "../fixtures/recipe-folder.ts";

const DAY_MS = 86_400_000;
const BIG = "x".repeat(10_000);
let root: string;

beforeEach(async () => {
  const home = await scratchFolder();
  root = join(home, "mirror/docker/registry/v2");
  vi.stubEnv("RECIPE_CI_HOME", home);
  return () => vi.unstubAllEnvs();
});

const digestOf = (text: string) => createHash("sha256").update(text).digest("hex");
const blobFile = (hex: string) => join(root, "blobs/sha256", hex.slice(0, 2), hex, "data");

async function write(file: string, text: string, days: number): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  const time = new Date(Date.now() - days * DAY_MS);
  await utimes(file, time, time);
}

async function putBlob(text: string, days: number): Promise<string> {
  const hex = digestOf(text);
  // A blob that is there already stays as it is.
  if (!(await stat(blobFile(hex)).catch(() => undefined))) await write(blobFile(hex), text, days);
  return hex;
}

/** A manifest in a repository as the registry writes it; `tag` for one that is offered. Gives its digest. */
async function putManifest(repository: string, manifest: object, days: number, tag?: string): Promise<string> {
  const hex = await putBlob(JSON.stringify(manifest), days);
  const own = join(root, "repositories", repository, "_manifests");
  await write(join(own, "revisions/sha256", hex, "link"), `sha256:${hex}`, days);
  for (const place of tag ? ["current", `index/sha256/${hex}`] : []) {
    await write(join(own, "tags", tag ?? "", place, "link"), `sha256:${hex}`, days);
  }
  return hex;
}

/** An image that was last used some days ago. */
async function push(repository: string, tag: string | undefined, layers: string[], days: number): Promise<string> {
  const parts = [`config of ${repository} ${tag}`, ...layers];
  const hexes: string[] = [];
  for (const text of parts) {
    const hex = await putBlob(text, days);
    hexes.push(hex);
    await write(join(root, "repositories", repository, "_layers/sha256", hex, "link"), `sha256:${hex}`, days);
  }
  const [config, ...rest] = hexes.map((hex) => ({ digest: `sha256:${hex}` }));
  return putManifest(repository, { schemaVersion: 2, config, layers: rest }, days, tag);
}

async function prune(bound: number): Promise<string[]> {
  const { spare } = await imageMirror(undefined, bound);
  for (const { remove } of spare) await remove();
  return spare.map(({ name }) => name);
}

/** Which of the blobs are still there. Reading one would look like a pull. */
function left(...texts: string[]): string[] {
  return texts.filter((text) => existsSync(blobFile(digestOf(text))));
}

/** How many blobs there are, manifests included. */
async function count(): Promise<number> {
  return (await readdir(join(root, "blobs"), { recursive: true })).filter((file) => file.endsWith("data")).length;
}

const tags = (repository: string) => readdir(join(root, "repositories", repository, "_manifests/tags"));

describe("the image mirror", () => {
  test("keeps what is within its bound, and says how much there is", async () => {
    await push("library/a", "1", [BIG], 9);
    expect(await imageMirror(undefined)).toMatchObject({ name: "image mirror", bound: "5 GiB", spare: [] });
    expect((await imageMirror(undefined)).bytes).toBeGreaterThan(BIG.length);
  });

  test("without a folder is empty", async () => {
    expect(await imageMirror(undefined)).toMatchObject({ bytes: 0, spare: [] });
  });

  test("loses the longest unused first, and of it only what no other image needs", async () => {
    await push("library/base", "1", [BIG], 8);
    await push("library/old", "1", [BIG, `${BIG} of old`], 9);
    await push("team/app/web", "2", [BIG, `${BIG} of web`], 3);
    // Together 30 kB: without the old one 20.
    expect(await prune(25_000)).toEqual(["library/old:1"]);
    expect(await readdir(join(root, "repositories/library"))).toEqual(["base"]);
    const parts = [BIG, `${BIG} of web`, "config of library/base 1", "config of team/app/web 2"];
    expect(left(...parts, `${BIG} of old`, "config of library/old 1")).toEqual(parts);
    // The base has no layer of its own left: only all of it makes room.
    expect(await prune(100)).toEqual(["library/base:1", "team/app/web:2"]);
    expect(await count()).toBe(0);
  });

  test("loses what a later push took the tag of, and keeps the tag", async () => {
    const old = await push("library/a", "1", [`${BIG} old`], 9);
    await push("library/a", "1", [`${BIG} new`], 2);
    expect(await prune(15_000)).toEqual([`library/a@sha256:${old.slice(0, 12)}`]);
    expect(await tags("library/a")).toEqual(["1"]);
    expect(left(`${BIG} new`)).toEqual([`${BIG} new`]);
  });

  test("never loses one that was asked for within a day: a node may be at it", async () => {
    await push("library/a", "1", [BIG], 0.9);
    expect(await prune(0)).toEqual([]);
  });

  test("never loses one that is asked for after it was chosen", async () => {
    const hex = await push("library/a", "1", [BIG], 9);
    const { spare } = await imageMirror(undefined, 0);
    const now = new Date();
    await utimes(blobFile(hex), now, now);
    for (const { remove } of spare) await remove();
    expect(await tags("library/a")).toEqual(["1"]);
    expect(left(BIG)).toEqual([BIG]);
  });

  test("keeps the images of an index that stays, whatever their age, and loses them with it", async () => {
    const part = await push("library/a", undefined, [BIG], 9);
    const manifests = [{ digest: `sha256:${part}` }, { digest: `sha256:${digestOf("of a platform nobody pushed")}` }];
    await putManifest("library/a", { schemaVersion: 2, manifests }, 3, "1");
    await push("library/b", "1", [`${BIG} b`], 4);
    expect(await prune(15_000)).toEqual(["library/b:1"]);
    expect(left(BIG)).toEqual([BIG]);
    expect(await prune(0)).toEqual(["library/a:1"]);
    expect(await count()).toBe(0);
    expect(await imageMirror(undefined, 0)).toMatchObject({ spare: [] });
  });

  test("loses what a push left that never came to its end, once it is a day old", async () => {
    await push("library/a", "1", [BIG], 1);
    await putBlob("half a push", 2);
    const fresh = await putBlob("a push that goes on", 0);
    await write(join(root, "repositories/library/b/_layers/sha256", fresh, "link"), `sha256:${fresh}`, 0);
    await mkdir(join(root, "repositories/library/b/_manifests"), { recursive: true });
    expect(await prune(50_000)).toEqual(["parts of no image"]);
    const stays = ["a push that goes on", "config of library/a 1", BIG];
    expect(left(...stays, "half a push")).toEqual(stays);
    expect(await readdir(join(root, "repositories/library/b/_layers/sha256"))).toEqual([fresh]);
  });

  test("loses one whose manifest is gone, which nobody can be served", async () => {
    const hex = await push("library/a", "1", [BIG], 9);
    await rm(blobFile(hex));
    expect(await prune(0)).toEqual(["parts of no image", "library/a:1"]);
    expect(await count()).toBe(0);
    expect(await readdir(join(root, "repositories/library"))).toEqual([]);
  });

  test("is left alone while a run goes on, and where an image can't be read", async () => {
    const hex = await push("library/a", "1", [BIG], 9);
    expect(await imageMirror("run x goes on", 0)).toMatchObject({ spare: [], held: "run x goes on" });
    await writeFile(blobFile(hex), "{");
    expect(await imageMirror(undefined, 0)).toMatchObject({
      spare: [],
      held: expect.stringContaining("can't be read"),
    });
  });

  test("is looked at without a trace: the time of reading is that of the last pull", async () => {
    const hex = await push("library/a", "1", [BIG], 9);
    const time = async () => (await stat(blobFile(hex))).atimeMs;
    const before = await time();
    await imageMirror(undefined, 0);
    expect(await time()).toBe(before);
  });
});
