import { MACHINE_NETWORKS } from "../network/subnet.ts";
import { containerNameservers, NAMES_FILES, NAMES_PACKAGE, namesSeed } from "./names.ts";
import { PULL_CACHE_PORT, pullCacheSeed } from "./pull-cache.ts";
import type { RootfsFile, RootfsSpec } from "./rootfs.ts";
import { VIRTUAL_ADDRESSES_FILES, VIRTUAL_ADDRESSES_PACKAGES } from "./virtual-addresses.ts";

/** Folder in the machine that is a folder of the host: Docker's socket for the host lies in it. */
export const SOCKET_FOLDER = "/run/recipe-ci";
/** Folder in the machine that is a folder of the host: the image mirror's blobs. */
export const MIRROR_FOLDER = "/var/lib/docker-registry";
/** TCP port of the image mirror, on every address of the machine. */
export const MIRROR_PORT = 5000;

const UNITS = "/etc/systemd/system";

/**
 * systemd-nspawn mounts version 1 cgroups read-only, and Docker makes its own below them. A plain remount
 * is refused as busy, one of the bind mount is not. Version 2 is writable from the start.
 */
const WRITABLE_CGROUPS = `#!/bin/sh
while read -r _ path type _; do
  case $type:$path in
    cgroup:/sys/fs/cgroup/systemd) ;;
    cgroup:*) mount -o remount,bind,rw,nosuid,nodev,noexec "$path" || exit 1 ;;
  esac
done < /proc/mounts
`;

const WRITABLE_CGROUPS_UNIT = `[Unit]
Description=Make control groups writable for Docker
DefaultDependencies=no
Before=sysinit.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/writable-cgroups
`;

/** As root, since the blobs outlive this root file system and with it the package's own user id. */
const MIRROR_UNIT = `[Unit]
Requires=mirror-guard.service
After=network.target mirror-guard.service

[Service]
User=root
Restart=on-failure
RestartSec=1
`;

/**
 * The mirror's blobs outlive the node, so what runs in containers must not write to them: only the node itself
 * and the host reach the mirror. Another machine's mirror has the same blobs, and takes what comes from a container
 * here for this machine's own: such is refused here, in the chain that Docker makes unless it is there, and leaves alone.
 */
const MIRROR_GUARD_UNIT = `[Unit]
Description=Keep containers from the image mirror
Before=docker-registry.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/iptables -w -I INPUT -p tcp --dport ${MIRROR_PORT} -j REJECT
ExecStart=/usr/sbin/iptables -w -I INPUT -i eth0 -p tcp --dport ${MIRROR_PORT} -j ACCEPT
ExecStart=/usr/sbin/iptables -w -I INPUT -i lo -p tcp --dport ${MIRROR_PORT} -j ACCEPT
ExecStart=-/usr/sbin/iptables -w -N DOCKER-USER
ExecStart=/usr/sbin/iptables -w -I DOCKER-USER -o eth0 -d ${MACHINE_NETWORKS} -p tcp --dport ${MIRROR_PORT} -j REJECT
`;

const MIRROR_CONFIG = `version: 0.1
log:
  level: warn
  fields:
    service: mirror
storage:
  cache:
    blobdescriptor: inmemory
  filesystem:
    rootdirectory: ${MIRROR_FOLDER}
  delete:
    enabled: true
http:
  addr: 0.0.0.0:${MIRROR_PORT}
  headers:
    X-Content-Type-Options: [nosniff]
`;

/** Debian with Docker and an image mirror: what a local node boots from. Docker in trixie is 26.1. */
export const NODE_ROOTFS: RootfsSpec = {
  suite: "trixie",
  packages: [
    "systemd",
    "systemd-sysv",
    "dbus",
    "docker.io",
    "docker-cli",
    "docker-registry",
    "iproute2",
    "iptables",
    "iputils-ping",
    "ca-certificates",
    "curl",
    "kmod",
    "procps",
    "netbase",
    NAMES_PACKAGE,
    ...VIRTUAL_ADDRESSES_PACKAGES,
  ],
  files: {
    // Empty, not absent: systemd then makes an id at each boot and does not ask on the console.
    "/etc/machine-id": { text: "" },
    "/usr/local/sbin/writable-cgroups": { text: WRITABLE_CGROUPS, mode: 0o755 },
    [`${UNITS}/writable-cgroups.service`]: { text: WRITABLE_CGROUPS_UNIT },
    [`${UNITS}/sysinit.target.wants/writable-cgroups.service`]: { symlinkTo: "../writable-cgroups.service" },
    [`${UNITS}/docker.socket.d/host.conf`]: {
      text: `[Socket]\nListenStream=${SOCKET_FOLDER}/docker.sock\n`,
    },
    [`${UNITS}/docker-registry.service.d/mirror.conf`]: { text: MIRROR_UNIT },
    [`${UNITS}/mirror-guard.service`]: { text: MIRROR_GUARD_UNIT },
    "/etc/docker/registry/config.yml": { text: MIRROR_CONFIG },
    ...NAMES_FILES,
    ...VIRTUAL_ADDRESSES_FILES,
  },
  maskedUnits: [
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "console-getty.service",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "e2scrub_reap.service",
    "fstrim.timer",
    "getty@tty1.service",
    "systemd-modules-load.service",
    "systemd-networkd.service",
    "systemd-networkd.socket",
    "systemd-pstore.service",
    "systemd-resolved.service",
    "systemd-timesyncd.service",
    "systemd-udev-trigger.service",
    "systemd-udevd-control.socket",
    "systemd-udevd-kernel.socket",
    "systemd-udevd-varlink.socket",
    "systemd-udevd.service",
  ],
};

/** What differs from machine to machine. */
export interface NodeSeed {
  name: string;
  address: string;
  /** Its resolv.conf(5). */
  nameservers: string;
  /** Domain whose names lead its containers to `entry`. Default: none does. */
  baseDomain?: string;
  /** Address of the machine with the node's Traefik, and its cache. */
  entry: string;
  /** `http(s)://host:port` of the registry that the node's cache asks. Default: it has none. */
  cacheOf?: string;
}

/** Files that differ from machine to machine, written before each power-on. */
export function nodeSeed(machine: NodeSeed): Record<string, RootfsFile> {
  return {
    "/etc/hostname": { text: `${machine.name}\n` },
    "/etc/hosts": { text: `127.0.0.1 localhost\n::1 localhost\n${machine.address} ${machine.name}\n` },
    "/etc/resolv.conf": { text: machine.nameservers },
    "/etc/docker/daemon.json": { text: daemonConfig(machine) },
    ...pullCacheSeed(machine.address === machine.entry ? machine.cacheOf : undefined),
    ...namesSeed(machine),
  };
}

/**
 * dockerd's configuration. It asks the mirror first for images of the default registry, then the node's cache, where it
 * has one, and upstream for what neither has. Both speak plain HTTP, hence "insecure".
 */
export function daemonConfig({
  address,
  nameservers,
  entry,
  cacheOf,
}: Pick<NodeSeed, "address" | "nameservers" | "entry" | "cacheOf">): string {
  const mirror = `127.0.0.1:${MIRROR_PORT}`;
  const cache = cacheOf === undefined ? [] : [`${entry}:${PULL_CACHE_PORT}`];
  const config = {
    "registry-mirrors": [mirror, ...cache].map((host) => `http://${host}`),
    "insecure-registries": [mirror, `${address}:${MIRROR_PORT}`, ...cache],
    dns: containerNameservers(nameservers),
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}
