import { readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { UserError } from "../../lib/errors.ts";
import { repoFromFolder } from "../../source/folder-repo.ts";
import { scratchFolder, writeFiles } from "../fixtures/recipe-folder.ts";

async function folders() {
  return {
    folder: await writeFiles({ "compose.yml": "head", "new.yml": "only at head", same: "same" }),
    releases: await writeFiles({
      "1.0.0+1/compose.yml": "old",
      "1.0.0+1/.removed": "new.yml\n",
      "1.10.0+1/compose.yml": "newer",
      "1.9.0+1/compose.yml": "middle",
    }),
  };
}

test("each release is head with its own files over it, and tagged in version order", async () => {
  const repo = await repoFromFolder({ ...(await folders()), cacheDir: await scratchFolder() });
  const { releases, warnings } = await repo.releases();
  expect(warnings).toEqual([]);
  expect(releases.map(({ version }) => version.text)).toEqual(["1.0.0+1", "1.9.0+1", "1.10.0+1"]);
  const oldest = releases[0]?.commit ?? "";
  expect(await repo.list(oldest)).toEqual(["compose.yml", "same"]);
  expect((await repo.read(oldest, "compose.yml")).toString()).toBe("old");
  const head = await repo.resolve();
  expect(await repo.list(head)).toEqual(["compose.yml", "new.yml", "same"]);
  expect((await repo.base(head))?.version.text).toBe("1.10.0+1");
});

test("the same files give the same commits anywhere, and are committed once", async () => {
  const [one, other] = [await folders(), await folders()];
  const cacheDir = await scratchFolder();
  const repos = await Promise.all([one, one, other].map((from) => repoFromFolder({ ...from, cacheDir })));
  const elsewhere = await repoFromFolder({ ...other, cacheDir: await scratchFolder() });
  const heads = await Promise.all([...repos, elsewhere].map((repo) => repo.resolve()));
  expect(new Set(heads).size).toBe(1);
  const kept = await readdir(cacheDir);
  expect(kept).toHaveLength(1);
  const before = (await stat(join(cacheDir, kept[0] ?? ""))).mtimeMs;
  await repoFromFolder({ ...one, cacheDir });
  expect((await stat(join(cacheDir, kept[0] ?? ""))).mtimeMs).toBe(before);
});

test("a changed file gives another head and keeps the older commits", async () => {
  const from = await folders();
  const cacheDir = await scratchFolder();
  const before = await repoFromFolder({ ...from, cacheDir });
  await writeFile(join(from.folder, "compose.yml"), "changed");
  const after = await repoFromFolder({ ...from, cacheDir });
  expect(await after.resolve()).not.toBe(await before.resolve());
  expect(await after.releases()).toEqual(await before.releases());
});

test("a head equal to its last release is a commit of its own, so there is something to upgrade from", async () => {
  const folder = await writeFiles({ "compose.yml": "a" });
  const releases = await writeFiles({ "1.0.0+1/compose.yml": "a" });
  const repo = await repoFromFolder({ folder, releases, cacheDir: await scratchFolder() });
  expect((await repo.base(await repo.resolve()))?.version.text).toBe("1.0.0+1");
});

test("a release's folder must be a version, and may not reach out of the recipe", async () => {
  const folder = await writeFiles({ "compose.yml": "a" });
  const make = async (releases: Record<string, string>) =>
    repoFromFolder({ folder, releases: await writeFiles(releases), cacheDir: await scratchFolder() });
  await expect(make({ "latest/compose.yml": "a" })).rejects.toThrow(UserError);
  await expect(make({ "1.0.0+1/.removed": "../../etc" })).rejects.toThrow(/leaves the recipe/);
  await expect(repoFromFolder({ folder: "/no/such", cacheDir: "/no/such" })).rejects.toThrow(UserError);
});
