import { InfraError } from "../lib/errors.ts";
import { hostStep, hostSucceeds } from "./host.ts";
import { hostMountsBelow } from "./mounts.ts";

/**
 * Unmounts everything at or below a folder, then removes it. Never crosses into another file system:
 * a mount that could not be undone must not have its contents deleted.
 */
export async function removeTree(folder: string): Promise<void> {
  await unmountBelow(folder);
  await hostStep(`remove ${folder}`, ["rm", "--recursive", "--force", "--one-file-system", "--", folder]);
}

/** Unmounts everything at or below a folder, innermost first. Nothing may run in there any more. */
export async function unmountBelow(folder: string): Promise<void> {
  // A shell that somebody left in there must not keep the mount: detached, it goes with the shell.
  for (const point of (await hostMountsBelow(folder)).reverse())
    if (!(await hostSucceeds(["umount", point]))) await hostStep(`unmount ${point}`, ["umount", "--lazy", point]);
  const left = await hostMountsBelow(folder);
  if (left.length > 0) throw new InfraError(`still mounted: ${left.join(", ")}`);
}
