import type { RootfsFile } from "../../../machine/rootfs/rootfs.ts";
import type { MachineOrder } from "../emulator/machines.ts";

/** Where cloud-init looks for what a machine is to be. */
const NO_CLOUD = "/var/lib/cloud/seed/nocloud";

/** In the machine: says which one it is. */
export const MARK = "/etc/look-alike";

/** Files of one machine: user data as it was given, and what Hetzner's own data source tells beside it. */
export function seed(order: MachineOrder, generation: number, nameservers: string): Record<string, RootfsFile> {
  // Another instance is a machine that cloud-init has not seen yet.
  const metaData = {
    "instance-id": `${order.id}-${generation}`,
    "local-hostname": order.name,
    "public-keys": order.sshKeys,
  };
  return {
    [MARK]: { text: `${order.id}\n` },
    "/etc/resolv.conf": { text: nameservers },
    // YAML takes JSON.
    [`${NO_CLOUD}/meta-data`]: { text: `${JSON.stringify(metaData)}\n`, mode: 0o600 },
    [`${NO_CLOUD}/user-data`]: { text: order.userData, mode: 0o600 },
  };
}
