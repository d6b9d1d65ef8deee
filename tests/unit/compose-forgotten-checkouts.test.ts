import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { removeForgotten } from "../../source/forgotten-checkouts.ts";

it("checkouts older than a day are removed, younger ones and other folders stay", async () => {
  const folder = await mkdtemp(join(tmpdir(), "recipe-ci-trees-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const old = (Date.now() - 25 * 60 * 60_000) / 1000;
  for (const name of ["0123456789ab-aB3xYz", "0123456789ab-young1", "somebody-else"]) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, "compose.yml"), "");
    if (!name.endsWith("young1")) await utimes(join(folder, name), old, old);
  }
  await writeFile(join(folder, "0123456789ab-aB3xYz.index"), "");
  await utimes(join(folder, "0123456789ab-aB3xYz.index"), old, old);
  await removeForgotten(folder);
  expect((await readdir(folder)).sort()).toEqual(["0123456789ab-young1", "somebody-else"]);
});
