import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fileIn } from "../../checks/volumes/container-file.ts";
import { run } from "../../lib/exec.ts";
import { scratchFolder } from "../fixtures/recipe-folder.ts";

test("a file in a container is told from a link and a folder by its archive", async () => {
  const tar = (...argv: string[]) => run(["tar", "-c", "--format=ustar", ...argv], { cwd: folder });
  const folder = await scratchFolder();
  await writeFile(join(folder, "a"), "mine");
  await symlink("a", join(folder, "b"));
  await mkdir(join(folder, "c"));
  const read = async (name: string) => fileIn(Buffer.from((await tar(name)).stdout, "latin1"));
  expect(await read("a")).toEqual({ isFile: true, text: "mine" });
  expect(await read("b")).toEqual({ isFile: false, text: "" });
  expect(await read("c")).toEqual({ isFile: false, text: "" });
});
