import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";

/** Whether a file is there that this process may execute. */
export async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/**
 * Path of the first program of that name; undefined where there is none.
 *
 * @param path folders to look in, as in PATH. Default: this process's PATH.
 */
export async function findProgram(name: string, path = process.env.PATH ?? ""): Promise<string | undefined> {
  for (const folder of path.split(delimiter).filter(Boolean)) {
    const file = join(folder, name);
    if (await isExecutable(file)) return file;
  }
  return undefined;
}

/** A word as a POSIX shell reads it back, for a line that a person copies or a script that is written. */
export function shellWord(word: string): string {
  return /^[\w./:=@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
