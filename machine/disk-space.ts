import { mkdir, statfs } from "node:fs/promises";
import { InfraError } from "../lib/errors.ts";

const MIB = 1 << 20;

/** Magic number of an overlay file system in statfs(2): another overlay's writable layer can't lie on it. */
const OVERLAYFS = 0x794c7630;

/**
 * Makes a folder and checks the disk under it.
 *
 * @param neededMiB free space that must be there, in MiB
 * @throws InfraError naming the folder and the bytes free.
 */
export async function ensureSpace(folder: string, neededMiB: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= neededMiB * MIB) return;
  throw new InfraError(
    `${folder}: ${Math.floor(free / MIB)} MiB (${free} bytes) free on its disk, ${neededMiB} MiB needed`,
    { remedy: "free some space, or set RECIPE_CI_HOME to a folder on a larger disk" },
  );
}

/** Refuses a folder on which neither a machine's overlay nor Docker's can be mounted. */
export async function refuseOverlay(folder: string): Promise<void> {
  const { type } = await statfs(folder);
  if (type !== OVERLAYFS) return;
  throw new InfraError(`${folder} lies on an overlay file system, which can't carry a machine`, {
    remedy: "set RECIPE_CI_HOME to a folder on ext4, xfs or btrfs, in a container for example a volume",
  });
}
