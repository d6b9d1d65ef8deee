import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { shortHash } from "../lib/names.ts";
import { projectPath } from "../lib/project.ts";

/** What a recipe's definition says, as one word: another one as soon as any file in its folder differs. */
export async function definitionDigest(recipe: string): Promise<string> {
  const folder = projectPath(`recipes/${recipe}`);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = await Promise.all(paths.sort().map(async (path) => [path, await readFile(path, "utf8")]));
  return shortHash(files.flat(), 16);
}
