import { lstat, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** Milliseconds after which a checkout has no user any more: no run takes that long. */
const FORGOTTEN_MS = 24 * 60 * 60_000;

/** A checkout, `<12 digits of the commit>-<random>`, or the index git needs while it is written. */
const NAME = /^[0-9a-f]{12}-[A-Za-z0-9]{6}(\.index(\.lock)?)?$/;

/** Removes checkouts older than a day from their folder: a killed process left them. Best effort. */
export async function removeForgotten(folder: string, now = Date.now()): Promise<void> {
  for (const name of (await readdir(folder)).filter((name) => NAME.test(name))) {
    const path = join(folder, name);
    const found = await lstat(path).catch(() => undefined);
    if (found && now - found.mtimeMs > FORGOTTEN_MS)
      await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}
