import { home } from "../../../lib/home.ts";
import { ensureRequirements } from "../../../machine/requirements.ts";
import { NODE_ROOTFS } from "../../../machine/rootfs/node-rootfs.ts";
import { ensureRootfs, type Rootfs, type RootfsFile, type RootfsSpec } from "../../../machine/rootfs/rootfs.ts";

const UNITS = "/etc/systemd/system";

/**
 * User data comes from a folder, and is all that tells a machine what to be. Without a locale of its own, cloud-init
 * fails on one that minimal Debian lacks; and it would replace the sources that packages come from here.
 */
const CLOUD_INIT = `datasource_list: [ NoCloud ]
network: { config: disabled }
disable_root: false
locale: C.UTF-8
manage_etc_hosts: localhost
apt: { preserve_sources_list: true }
`;

/** What a machine in a folder needs to run Docker, of what local nodes have as well. */
const OF_LOCAL_NODES = [
  "/etc/machine-id",
  "/usr/local/sbin/writable-cgroups",
  `${UNITS}/writable-cgroups.service`,
  `${UNITS}/sysinit.target.wants/writable-cgroups.service`,
];

/**
 * Stands for Hetzner's image `debian-13`. What the user data of nodes has installed is there already: Docker waits for
 * the network as it does everywhere, and so finds the configuration that cloud-init wrote before.
 */
const DEBIAN: RootfsSpec = {
  suite: "trixie",
  packages: [
    ...["systemd", "systemd-sysv", "dbus", "udev", "openssh-server", "cloud-init", "sudo"],
    ...["docker.io", "docker-cli", "restic", "unattended-upgrades"],
    ...["iproute2", "iptables", "nftables", "iputils-ping", "netbase", "ca-certificates", "curl"],
    ...["e2fsprogs", "kmod", "procps"],
  ],
  files: {
    ...Object.fromEntries(OF_LOCAL_NODES.map((path) => [path, ofNodes(path)])),
    "/etc/cloud/cloud.cfg.d/90-look-alike.cfg": { text: CLOUD_INIT },
  },
  maskedUnits: NODE_ROOTFS.maskedUnits,
};

/** Gives the image, building it at first use (about a minute, 600 MB); installs on the host what machines need. */
export async function debianImage(): Promise<Rootfs> {
  const silent = () => undefined;
  await ensureRequirements(silent);
  // Not among the root file systems of local nodes, which go when no local node needs them.
  return ensureRootfs(DEBIAN, home("tests", "hetzner-images"), silent);
}

function ofNodes(path: string): RootfsFile {
  const file = NODE_ROOTFS.files[path];
  if (!file) throw new Error(`local nodes have no ${path} any more`);
  return file;
}
