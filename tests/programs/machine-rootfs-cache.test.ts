import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { home } from "../../lib/home.ts";
import { removeUnusedRootfs } from "../../machine/rootfs/rootfs-cache.ts";

const HOUR = 60 * 60_000;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "recipe-ci-rootfs-"));
  vi.stubEnv("RECIPE_CI_HOME", folder);
  for (const name of ["trixie-used", "trixie-old", ".trixie-killed-x1", ".trixie-old-unused"])
    await mkdir(home("rootfs", name, "etc"), { recursive: true });
  await writeFile(home("rootfs", "note"), "");
  await mkdir(home("machines", "one"), { recursive: true });
  await mkdir(home("machines", "half-made"), { recursive: true });
  const rootfs = { key: "trixie-used", folder: home("rootfs", "trixie-used") };
  await writeFile(home("machines", "one", "machine.json"), JSON.stringify({ name: "one", rootfs }));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

it("only root file systems that a machine is made from stay, and what is no folder", async () => {
  await removeUnusedRootfs(home("rootfs"), Date.now() + 2 * HOUR);
  expect((await readdir(home("rootfs"))).sort()).toEqual(["note", "trixie-used"]);
});

it("a root file system made within the hour stays", async () => {
  await removeUnusedRootfs(home("rootfs"));
  expect(await readdir(home("rootfs"))).toContain("trixie-old");
});

it("a cache outside this home is left alone", async () => {
  const elsewhere = home("rootfs");
  vi.stubEnv("RECIPE_CI_HOME", join(folder, "another"));
  await removeUnusedRootfs(elsewhere, Date.now() + 2 * HOUR);
  expect(await readdir(elsewhere)).toHaveLength(5);
});
