import { readFile } from "node:fs/promises";
import { hostStep } from "./host.ts";
import type { MachineLayout } from "./layout.ts";

/** Mount points at or below a folder in a text of /proc/self/mountinfo, innermost last. See proc_pid_mountinfo(5). */
export function mountsBelow(mountinfo: string, folder: string): string[] {
  return mountinfo.split("\n").flatMap((line) => {
    const point = line
      .split(" ")[4]
      ?.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)));
    return point === folder || point?.startsWith(`${folder}/`) ? [point] : [];
  });
}

/** Mount points of this host at or below a folder, innermost last. */
export async function hostMountsBelow(folder: string): Promise<string[]> {
  return mountsBelow(await readFile("/proc/self/mountinfo", "utf8"), folder);
}

/** Mounts a machine's root: its writable layer over a read-only root file system. */
export async function mountRoot(layout: MachineLayout, rootfs: string): Promise<void> {
  const options = `lowerdir=${rootfs},upperdir=${layout.upper},workdir=${layout.work}`;
  await hostStep("mount the machine's root", ["mount", "-t", "overlay", layout.id, "-o", options, layout.root]);
}
