import { readFileSync } from "node:fs";
import type { RootfsFile } from "./rootfs.ts";

/** Debian's packages of what reads the engine's answers, and ends what is still led to a task that is gone. */
export const VIRTUAL_ADDRESSES_PACKAGES = ["jq", "conntrack"];

const UNIT = "/etc/systemd/system/virtual-addresses.service";
const PROGRAM = "/usr/local/sbin/virtual-addresses";

const UNIT_TEXT = `[Unit]
Description=Lead virtual addresses of services to their tasks
After=docker.service
PartOf=docker.service
ConditionPathExists=!/proc/net/ip_vs
StartLimitIntervalSec=0

[Service]
ExecStart=${PROGRAM}
Restart=on-failure
RestartSec=200ms

[Install]
WantedBy=docker.service
`;

/**
 * What a root file system has so that virtual IPs of Swarm's route on a kernel without IPVS. With names that lead to a
 * service's tasks in their place, a web server that asks for a name once, as nginx does, would go on asking a task that
 * an update has replaced; at operators it asks the one address that the service keeps.
 */
export const VIRTUAL_ADDRESSES_FILES: Readonly<Record<string, RootfsFile>> = {
  [PROGRAM]: { text: readFileSync(new URL("virtual-addresses.sh", import.meta.url), "utf8"), mode: 0o755 },
  [UNIT]: { text: UNIT_TEXT },
  "/etc/systemd/system/docker.service.wants/virtual-addresses.service": { symlinkTo: UNIT },
};
