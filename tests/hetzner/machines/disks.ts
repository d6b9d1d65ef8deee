import { mkdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { home } from "../../../lib/home.ts";
import { hostExec, hostStep } from "../../../machine/host.ts";
import type { Disk } from "../emulator/machines.ts";

const GB = 10 ** 9;

/** Where a disk's bytes are: a file with holes, which takes no more room than what was written to it. */
export function diskFile(id: number): string {
  return home("disks", `${id}.img`);
}

export async function createDisk({ id, sizeGB, format }: Disk): Promise<void> {
  const file = diskFile(id);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, "", { flag: "wx", mode: 0o600 });
  await truncate(file, sizeGB * GB);
  if (format === null) return;
  if (format !== "ext4") throw new Error(`disks here are not formatted with ${format}`);
  await hostStep("format a disk", ["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=1,lazy_journal_init=1", file]);
}

export async function resizeDisk(id: number, sizeGB: number): Promise<void> {
  await truncate(diskFile(id), sizeGB * GB);
  for (const device of await loopDevices(diskFile(id)))
    await hostStep("tell of a disk's new size", ["losetup", "--set-capacity", device]);
}

/** It is in no machine any more. */
export async function deleteDisk(id: number): Promise<void> {
  await rm(diskFile(id), { force: true });
}

/** A block device of the host with a disk's bytes; gives its number among loop devices. */
export async function occupyDisk(id: number): Promise<number> {
  const [own] = await loopDevices(diskFile(id));
  const device = own ?? (await hostStep("find a loop device", ["losetup", "--find", "--show", diskFile(id)])).trim();
  // The low byte, and above the major number's twelve bits the rest: see makedev(3).
  const { rdev } = await stat(device);
  return (rdev & 0xff) | ((rdev >> 12) & 0xfff00);
}

export async function releaseDisk(id: number): Promise<void> {
  for (const device of await loopDevices(diskFile(id)))
    await hostStep("release a loop device", ["losetup", "--detach", device]);
}

/** Loop devices of the host with the bytes of a file, or of any file below a folder. */
export async function loopDevices(path: string): Promise<string[]> {
  const text = await hostExec(["losetup", "--list", "--noheadings", "--raw", "--output", "NAME,BACK-FILE"]);
  return text.split("\n").flatMap((line) => {
    const [name = "", file = ""] = line.split(" ");
    return file === path || file.startsWith(`${path}/`) ? [name] : [];
  });
}
