import { mkdir, realpath, symlink } from "node:fs/promises";
import { join } from "node:path";
import { exists } from "../../../lib/exists.ts";
import { home } from "../../../lib/home.ts";
import { removeHomeFolder } from "../../fixtures/remove-home.ts";

/** Of the real home: made once, and only read by those who find it. */
const SHARED = ["engine", "images", "pulumi", "tests"];

/**
 * A home of the look-alike's machines, apart from the local node's: `RECIPE_CI_HOME` says it from now on. It lies at
 * the same place for every worker of this number, so that what a killed test left is found by the next one.
 */
export async function ownPlace(): Promise<AsyncDisposable> {
  const before = process.env.RECIPE_CI_HOME;
  const real = home();
  await mkdir(home("tests"), { recursive: true });
  // A home beside another has this folder as a link: all workers' places are in one folder, under short paths.
  const folder = join(await realpath(home("tests")), `hetzner-${process.env.VITEST_POOL_ID ?? "0"}`);
  await mkdir(folder, { recursive: true });
  for (const part of SHARED) {
    await mkdir(join(real, part), { recursive: true });
    if (!(await exists(join(folder, part)))) await symlink(join(real, part), join(folder, part));
  }
  process.env.RECIPE_CI_HOME = folder;
  return {
    async [Symbol.asyncDispose]() {
      if (before === undefined) delete process.env.RECIPE_CI_HOME;
      else process.env.RECIPE_CI_HOME = before;
      await removeHomeFolder(folder);
    },
  };
}
