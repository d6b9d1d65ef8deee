import { readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { InfraError, UserError } from "../../lib/errors.ts";
import { openSource } from "../../source/open-source.ts";
import type { RecipeRepo } from "../../source/recipe-repo.ts";
import { commitAll, gitFolder, gitIn, scratchFolder, writeFiles } from "../fixtures/recipe-folder.ts";

const TOO_LONG = 10 * 2 ** 20 + 1;

/** A repository whose every commit changes a file in a folder; the last but one is release 1.0.0+1. */
async function history(commits = 6): Promise<string> {
  const folder = await gitFolder({ "compose.yml": "version: '3.8'\n", "conf/app.conf": "0\n" });
  for (let number = 1; number < commits; number++) {
    await writeFiles({ "conf/app.conf": `${number}\n` }, folder);
    await commitAll(folder, `change ${number}`);
    if (number === commits - 2) await gitIn(folder, "tag", "-a", "-m", "r", "1.0.0+1");
  }
  return folder;
}

async function commitHuge(folder: string): Promise<string> {
  await writeFile(join(folder, "huge.bin"), Buffer.alloc(TOO_LONG));
  return commitAll(folder, "huge");
}

async function commitWithoutHuge(folder: string): Promise<string> {
  await gitIn(folder, "rm", "--quiet", "huge.bin");
  return commitAll(folder, "gone");
}

/** A commit that only `refs/pull/7/head` names. */
async function proposal(folder: string): Promise<string> {
  await writeFiles({ "conf/app.conf": "proposed\n" }, folder);
  const commit = await commitAll(folder, "proposed");
  await gitIn(folder, "update-ref", "refs/pull/7/head", commit);
  await gitIn(folder, "reset", "--quiet", "--hard", "HEAD~1");
  return commit;
}

/** By URL, since of a folder the working tree gets into the cache as well. */
function open(folder: string, cacheDir: string): Promise<RecipeRepo> {
  return openSource(pathToFileURL(folder).href, { cacheDir });
}

async function cacheOf(cacheDir: string): Promise<string> {
  const name = (await readdir(cacheDir)).find((entry) => entry.endsWith(".git"));
  return join(cacheDir, name ?? "none");
}

/** How many objects of each kind a cache has. */
async function objects(cacheDir: string): Promise<Record<string, number>> {
  const format = "--batch-check=%(objecttype)";
  const kinds = await gitIn(await cacheOf(cacheDir), "cat-file", "--batch-all-objects", format);
  const count = (kind: string) => kinds.split("\n").filter((line) => line === kind).length;
  return { commits: count("commit"), trees: count("tree"), blobs: count("blob") };
}

const conf = async (repo: RecipeRepo, commit: string) => (await repo.read(commit, "conf/app.conf")).toString();

test("only the files of the commits that are looked at cross the network", async () => {
  const cacheDir = await scratchFolder();
  const repo = await open(await history(), cacheDir);
  const head = await repo.resolve();
  const base = (await repo.base(head))?.commit ?? "none";
  await repo.releases();
  expect(await objects(cacheDir)).toEqual({ commits: 6, trees: 0, blobs: 0 });

  expect(await conf(repo, head)).toBe("5\n");
  expect(await objects(cacheDir)).toEqual({ commits: 6, trees: 2, blobs: 2 });
  await repo.checkout(base);
  expect(await objects(cacheDir)).toEqual({ commits: 6, trees: 4, blobs: 3 });
});

test("a second opening fetches what is new, and a forced push or a dropped branch is no obstacle", async () => {
  const folder = await history();
  const cacheDir = await scratchFolder();
  await gitIn(folder, "branch", "topic");
  const before = await open(folder, cacheDir);
  expect(await conf(before, "topic")).toBe("5\n");
  await gitIn(folder, "branch", "-D", "topic");
  await gitIn(folder, "branch", "topic/renamed");
  await gitIn(folder, "reset", "--quiet", "--hard", "HEAD~2");
  await writeFiles({ "conf/app.conf": "forced\n" }, folder);
  const head = await commitAll(folder, "forced");

  const repo = await open(folder, cacheDir);
  expect(await repo.resolve()).toBe(head);
  expect(await conf(repo, head)).toBe("forced\n");
  expect(await objects(cacheDir)).toEqual({ commits: 7, trees: 4, blobs: 3 });
  await expect(repo.resolve("topic")).rejects.toThrow(UserError);
  expect(await conf(repo, "topic/renamed")).toBe("5\n");
});

test("a huge file never arrives, and is named where it is asked for", async () => {
  const folder = await history();
  const huge = await commitHuge(folder);
  await commitWithoutHuge(folder);
  const cacheDir = await scratchFolder();
  const repo = await open(folder, cacheDir);
  expect(await repo.list(await repo.resolve())).toEqual(["compose.yml", "conf/app.conf"]);
  await expect(repo.read(huge, "huge.bin")).rejects.toMatchObject({
    message: "longer than 10 MiB",
    place: { file: "huge.bin" },
  });
  await expect(repo.checkout(huge)).rejects.toThrow("huge.bin: longer than 10 MiB");
  expect(await conf(repo, huge)).toBe("5\n");
  await open(folder, cacheDir);
  expect(await objects(cacheDir)).toEqual({ commits: 8, trees: 3, blobs: 2 });
});

test("a file of exactly 10 MiB does arrive", async () => {
  const folder = await gitFolder({ "compose.yml": "a" });
  await writeFile(join(folder, "large.bin"), Buffer.alloc(TOO_LONG - 1));
  const commit = await commitAll(folder, "large");
  const repo = await open(folder, await scratchFolder());
  expect(await repo.read(commit, "large.bin")).toHaveLength(TOO_LONG - 1);
});

test("what was fetched once is read without the source, by other processes too", async () => {
  const folder = await history();
  const huge = await commitHuge(folder);
  const head = await commitWithoutHuge(folder);
  const cacheDir = await scratchFolder();
  const [first, second] = [await open(folder, cacheDir), await open(folder, cacheDir)];
  await Promise.all([conf(first, head), conf(first, huge)]);
  await rename(folder, `${folder}.gone`);

  expect(await conf(second, head)).toBe("5\n");
  await expect(second.read(huge, "huge.bin")).rejects.toThrow("longer than 10 MiB");
  const never = conf(second, await second.resolve("1.0.0+1"));
  await expect(never).rejects.toThrow(InfraError);
  await expect(never).rejects.toThrow(/the files of commit [0-9a-f]{8} could not be fetched/);
  await rename(`${folder}.gone`, folder);
});

test("reading never makes git fetch by itself: the cache's own configuration names no source", async () => {
  const cacheDir = await scratchFolder();
  const repo = await open(await history(), cacheDir);
  await repo.list(await repo.resolve());
  const cache = await cacheOf(cacheDir);
  expect(await gitIn(cache, "config", "--local", "--name-only", "--list")).not.toMatch(/remote|extensions/);
  await expect(gitIn(cache, "ls-tree", "1.0.0+1^{commit}")).rejects.toThrow();
});

test("a server without filters sends everything, and is not asked again", async () => {
  const folder = await history();
  await gitIn(folder, "config", "uploadpack.allowFilter", "false");
  const cacheDir = await scratchFolder();
  const repo = await open(folder, cacheDir);
  expect(repo.warnings).toEqual([]);
  expect(await objects(cacheDir)).toEqual({ commits: 6, trees: 12, blobs: 7 });
  await rename(folder, `${folder}.gone`);
  expect(await conf(repo, await repo.resolve("1.0.0+1"))).toBe("4\n");
  await rename(`${folder}.gone`, folder);
});

test.each([
  ["begins", "false", "true"],
  ["stops", "true", "false"],
])("a server that %s to filter is read on with the same cache", async (_, before, after) => {
  const folder = await history();
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`many/${index}`, `${index}\n`]));
  await writeFiles(many, folder);
  await commitAll(folder, "many");
  await gitIn(folder, "config", "uploadpack.allowFilter", before);
  const cacheDir = await scratchFolder();
  await open(folder, cacheDir);
  await gitIn(folder, "config", "uploadpack.allowFilter", after);
  await writeFiles({ "many/7": "changed\n" }, folder);
  const head = await commitAll(folder, "changed");
  const repo = await open(folder, cacheDir);
  expect((await repo.read(head, "many/7")).toString()).toBe("changed\n");
  expect(await repo.list(head)).toHaveLength(202);
  expect(await conf(repo, "1.0.0+1")).toBe("4\n");
});

test("a server that knows by heart what each commit holds sends the files of one that is here already", async () => {
  const folder = await history();
  await gitIn(folder, "repack", "-adq", "--write-bitmap-index");
  const cacheDir = await scratchFolder();
  const repo = await open(folder, cacheDir);
  expect(await conf(repo, "1.0.0+1")).toBe("4\n");
  expect(await objects(cacheDir)).toEqual({ commits: 6, trees: 2, blobs: 2 });
});

test("a server that gives no tree by its id sends everything instead", async () => {
  const folder = await history();
  const proposed = await proposal(folder);
  const cacheDir = await scratchFolder();
  await open(folder, cacheDir);
  // The old protocol, in which only what a ref names may be asked for.
  await gitIn(await cacheOf(cacheDir), "config", "protocol.version", "0");
  const repo = await open(folder, cacheDir);
  expect(await objects(cacheDir)).toEqual({ commits: 6, trees: 0, blobs: 0 });
  expect(await conf(repo, "1.0.0+1")).toBe("4\n");
  expect(await objects(cacheDir)).toEqual({ commits: 6, trees: 12, blobs: 7 });
  expect(await repo.resolve("refs/pull/7/head")).toBe(proposed);
  expect(await conf(repo, proposed)).toBe("proposed\n");
});

test("a commit that the source has thrown away since it was opened is told of", async () => {
  const folder = await history();
  const repo = await open(folder, await scratchFolder());
  await gitIn(folder, "reset", "--quiet", "--hard", "HEAD~1");
  await gitIn(folder, "reflog", "expire", "--expire=now", "--all");
  await gitIn(folder, "gc", "--quiet", "--prune=now");
  await expect(repo.list("HEAD")).rejects.toThrow(InfraError);
});

test.each([
  ["tag", "tree", ["-a", "-m", "t", "odd", "HEAD~3^{tree}"]],
  ["name", "tree", ["odd", "HEAD~3^{tree}"]],
  ["tag", "file", ["-a", "-m", "t", "odd", "HEAD~3:conf/app.conf"]],
  ["name", "file", ["odd", "HEAD~3:conf/app.conf"]],
])("a %s of a %s is no obstacle, and no release", async (_kind, _what, args) => {
  const folder = await history();
  await gitIn(folder, "tag", ...args);
  const cacheDir = await scratchFolder();
  for (const _ of ["first", "second"]) {
    const repo = await open(folder, cacheDir);
    expect((await repo.releases()).releases.map(({ version }) => version.text)).toEqual(["1.0.0+1"]);
    expect((await repo.base(await repo.resolve()))?.version.text).toBe("1.0.0+1");
    expect(await conf(repo, await gitIn(folder, "rev-parse", "HEAD~3"))).toBe("2\n");
  }
});

test("a fetch never fetches by itself what it misses, object by object: all comes in one request more", async () => {
  const folder = await history();
  await gitIn(folder, "tag", "-a", "-m", "t", "odd", "HEAD~3^{tree}");
  const cacheDir = await scratchFolder();
  await open(folder, cacheDir);
  expect(await objects(cacheDir)).toEqual({ commits: 6, trees: 12, blobs: 7 });
});

test("several that open and read at once do not disturb each other", async () => {
  const folder = await history();
  const cacheDir = await scratchFolder();
  const read = async () => {
    const repo = await open(folder, cacheDir);
    return Promise.all(["main", "1.0.0+1", "main"].map((ref) => conf(repo, ref)));
  };
  const all = await Promise.all(Array.from({ length: 4 }, read));
  expect(all).toEqual(all.map(() => ["5\n", "4\n", "5\n"]));
});

test("the files of a pull request come with it", async () => {
  const folder = await history();
  await proposal(folder);
  const cacheDir = await scratchFolder();
  const repo = await open(folder, cacheDir);
  expect(await conf(repo, await repo.resolve("refs/pull/7/head"))).toBe("proposed\n");
  expect(await objects(cacheDir)).toEqual({ commits: 7, trees: 2, blobs: 2 });
});

test("a folder is read as a URL is, its working tree excepted", async () => {
  const folder = await history();
  const cacheDir = await scratchFolder();
  const repo = await openSource(folder, { cacheDir });
  expect(await objects(cacheDir)).toEqual({ commits: 7, trees: 2, blobs: 2 });
  expect(await conf(repo, "1.0.0+1")).toBe("4\n");
  expect(await objects(cacheDir)).toEqual({ commits: 7, trees: 4, blobs: 3 });
});
