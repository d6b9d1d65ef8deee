import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** One change to the text of a file; `find` must be there, or nothing would be broken. */
export interface Edit {
  file: string;
  find: string;
  replace: string;
}

/** Makes an edit in a folder. @throws when it no longer fits */
export async function applyEdit(tree: string, { file, find, replace }: Edit): Promise<void> {
  const path = join(tree, file);
  const text = await readFile(path, "utf8");
  if (!text.includes(find)) throw new Error(`${path} has no "${find}"`);
  await writeFile(
    path,
    text.replace(find, () => replace),
  );
}

/** A change to `compose.yml`. */
export function compose(find: string, replace: string): Edit {
  return { file: "compose.yml", find, replace };
}
