import { access, constants, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** One folder of Pulumi that is made in one go: the CLI with its language host, or one plugin. */
export interface Part {
  /** For people, e.g. `docker plugin 5.2.0`. */
  title: string;
  /** Where it lies when done. */
  directory: string;
  /** The program in it that must be there, relative to `directory`. */
  executable: string;
  /** Stands for all that it is made from: another key, another content. */
  key: string;
}

/** Written last into a part's folder; holds its key. */
const STAMP = ".recipe-ci-key";

/** Whether the part lies in place, complete and made from what `key` stands for. Costs two system calls. */
export async function isReady(part: Part): Promise<boolean> {
  try {
    await access(join(part.directory, part.executable), constants.X_OK);
    return (await readFile(join(part.directory, STAMP), "utf8")) === part.key;
  } catch {
    return false;
  }
}

/**
 * Makes a part: `build` fills a staging folder beside the final one, which then takes its place by a rename.
 * A build that fails or is killed leaves the old part as it was. Only one process may make a part at a time.
 */
export async function makePart(part: Part, build: (staging: string) => Promise<void>): Promise<void> {
  const parent = dirname(part.directory);
  // Hidden, since Pulumi takes each `resource-...` folder beside it for a plugin.
  const prefix = `.staging-${basename(part.directory)}-`;
  await mkdir(parent, { recursive: true });
  await removeAll(parent, prefix);
  const [staging, old] = [join(parent, `${prefix}new`), join(parent, `${prefix}old`)];
  try {
    await mkdir(staging);
    await build(staging);
    await writeFile(join(staging, STAMP), part.key);
    await rename(part.directory, old).catch(ignoreMissing);
    await rename(staging, part.directory);
  } finally {
    await removeAll(parent, prefix);
  }
}

/** What this process is done with, or one that was killed has left. */
async function removeAll(folder: string, prefix: string): Promise<void> {
  const left = (await readdir(folder)).filter((name) => name.startsWith(prefix));
  await Promise.all(left.map((name) => rm(join(folder, name), { recursive: true, force: true })));
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
