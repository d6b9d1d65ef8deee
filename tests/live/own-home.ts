import { mkdir, mkdtemp, readdir, realpath, symlink } from "node:fs/promises";
import { join } from "node:path";
import { home } from "../../lib/home.ts";
import { removeHomeFolder } from "../fixtures/remove-home.ts";

/** What a home may share with another: made once, and only read by those who find it. */
const SHARED = ["engine", "pulumi", "rootfs"];

/**
 * A home of a test's own: state, machines, runs and locks are empty, what takes minutes to make is the real home's.
 * `RECIPE_CI_HOME` says it from now on.
 */
export async function ownHome(name: string): Promise<AsyncDisposable & { folder: string }> {
  const real = home();
  await mkdir(home("tests"), { recursive: true });
  // A home beside another has this folder as a link, so that paths stay short enough for a socket.
  const folder = await mkdtemp(join(await realpath(home("tests")), `${name}-`));
  const there = await readdir(real);
  for (const part of SHARED) if (there.includes(part)) await symlink(join(real, part), join(folder, part));
  const before = process.env.RECIPE_CI_HOME;
  process.env.RECIPE_CI_HOME = folder;
  return {
    folder,
    async [Symbol.asyncDispose]() {
      if (before === undefined) delete process.env.RECIPE_CI_HOME;
      else process.env.RECIPE_CI_HOME = before;
      await removeHomeFolder(folder);
    },
  };
}
