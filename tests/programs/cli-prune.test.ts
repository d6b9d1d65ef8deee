import { readdir, utimes } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { run } from "../../lib/exec.ts";
import { projectPath } from "../../lib/project.ts";
import { scratchFolder, writeFiles } from "../fixtures/recipe-folder.ts";

interface Pruned {
  name: string;
  removed: { name: string; error?: string }[];
}

test("prune takes away what a dry run names, no more and no less", async () => {
  const home = await scratchFolder();
  const link = `_manifests/revisions/sha256/${"a".repeat(64)}/link`;
  const files = {
    // An image without a manifest, and half a tar archive.
    [`mirror/docker/registry/v2/repositories/library/a/${link}`]: `sha256:${"a".repeat(64)}`,
    "images/debian-trixie-0e459806.tar.4711": "half",
    "images/debian-trixie-0e459806.tar": "whole",
  };
  await writeFiles(files, home);
  const old = new Date(Date.now() - 2 * 86_400_000);
  for (const file of Object.keys(files)) await utimes(join(home, file), old, old);
  const prune = async (...options: string[]) => {
    const argv = [process.execPath, "cli/main.ts", "prune", "--json", ...options] as const;
    const { code, stdout, stderr } = await run(argv, {
      cwd: projectPath(),
      env: { ...process.env, RECIPE_CI_HOME: home },
    });
    expect(code, stderr).toBe(0);
    const stores = JSON.parse(stdout) as Pruned[];
    return stores.flatMap(({ name, removed }) => removed.map((one) => `${name}: ${one.name}${one.error ?? ""}`));
  };
  const expected = ["image mirror: library/a@sha256:aaaaaaaaaaaa", "half-made: debian-trixie-0e459806.tar.4711"];
  expect(await prune("--dry-run")).toEqual(expected);
  expect(await prune()).toEqual(expected);
  expect(await prune()).toEqual([]);
  expect(await readdir(join(home, "images"))).toEqual(["debian-trixie-0e459806.tar"]);
});
