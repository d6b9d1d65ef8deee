// Takes away what tests that were killed left on this host: machines, disks and networks of their own homes.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { exec } from "../lib/exec.ts";
import { home } from "../lib/home.ts";
import { hostMountsBelow } from "../machine/mounts.ts";
import { networkDown } from "../machine/network/network.ts";
import { removeHomeFolder } from "./fixtures/remove-home.ts";
import { sweep } from "./hetzner/machines/sweep.ts";

/** What is made once, for all tests to come. */
const KEPT = /^(?:hetzner-images|python-\w+)$/;

const tests = home("tests");
const names = await readdir(tests).catch(() => []);
for (const name of names.filter((one) => !KEPT.test(one))) await takeAway(join(tests, name));

async function takeAway(folder: string): Promise<void> {
  process.env.RECIPE_CI_HOME = folder;
  await sweep();
  await networkDown();
  for (const point of (await hostMountsBelow(folder)).reverse()) await exec(["umount", point]);
  await removeHomeFolder(folder);
}
