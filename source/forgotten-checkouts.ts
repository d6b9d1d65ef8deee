import { lstat, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** Milliseconds after which a checkout has no user any more: no run takes that long. */
const FORGOTTEN_MS = 24 * 60 * 60_000;

/** A checkout, `<12 digits of the commit>-<random>`, or the index git needs while it is written. */
const NAME = /^[0-9a-f]{12}-[A-Za-z0-9]{6}(\.index(\.lock)?)?$/;

/** Paths of checkouts in a folder that are older than a day: a killed process left them. */
export async function forgottenCheckouts(folder: string, now = Date.now()): Promise<string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  const old = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const found = NAME.test(name) ? await lstat(path).catch(() => undefined) : undefined;
      return found && now - found.mtimeMs > FORGOTTEN_MS ? [path] : [];
    }),
  );
  return old.flat();
}

/** Removes them. Best effort. */
export async function removeForgotten(folder: string, now = Date.now()): Promise<void> {
  for (const path of await forgottenCheckouts(folder, now))
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
}
