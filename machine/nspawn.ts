import type { MachineLayout } from "./layout.ts";
import { namespacePath } from "./network/attachment.ts";

/** A folder of the host that a machine sees. */
export interface Bind {
  source: string;
  target: string;
}

/** Arguments of systemd-nspawn for a machine that runs Docker. */
export function nspawnArguments(
  layout: MachineLayout,
  binds: readonly Bind[],
  hostname: string,
  legacyCgroups: boolean,
): string[] {
  const folders = [
    { source: layout.docker, target: "/var/lib/docker" },
    { source: layout.containerd, target: "/var/lib/containerd" },
    ...binds,
  ];
  return [
    "--quiet",
    "--boot",
    // There may be no systemd on the host, and the loop's own cgroup is where the machine belongs.
    "--register=no",
    "--keep-unit",
    `--directory=${layout.root}`,
    `--machine=${layout.id}`,
    `--hostname=${hostname}`,
    `--network-namespace-path=${namespacePath(layout.id)}`,
    "--private-users=no",
    "--capability=all",
    // runc asks for a session keyring, and Docker filters devices by BPF.
    "--system-call-filter=@keyring bpf",
    "--resolv-conf=off",
    "--timezone=off",
    "--link-journal=no",
    "--console=pipe",
    ...folders.map(({ source, target }) => `--bind=${source}:${target}`),
    // Since 256 systemd refuses to boot on version 1 cgroups unless told so.
    ...(legacyCgroups ? ["SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1"] : []),
  ];
}
