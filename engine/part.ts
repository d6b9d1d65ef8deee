import { randomUUID } from "node:crypto";
import { access, constants, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** One folder of the engine that is made in one go: the CLI with its language host, or one plugin. */
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
 * A build that fails or is killed leaves the old part as it was.
 */
export async function makePart(part: Part, build: (staging: string) => Promise<void>): Promise<void> {
  const staging = `${part.directory}.staging-${randomUUID()}`;
  const old = `${part.directory}.old-${randomUUID()}`;
  await mkdir(dirname(part.directory), { recursive: true });
  try {
    await mkdir(staging);
    await build(staging);
    await writeFile(join(staging, STAMP), part.key);
    await rename(part.directory, old).catch(ignoreMissing);
    await rename(staging, part.directory);
  } finally {
    await rm(staging, { recursive: true, force: true });
    await rm(old, { recursive: true, force: true });
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
