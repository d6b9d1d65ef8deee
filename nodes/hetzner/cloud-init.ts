import { stringify } from "yaml";
import { cacheConfig } from "../../machine/rootfs/pull-cache.ts";
import { daemonConfig, METADATA_GUARD } from "./docker-daemon.ts";
import { DATA_UNIT, dataScript, NEEDS_DATA } from "./docker-data.ts";
import { type DockerSource, INSTALL_OFFICIAL, NEVER_UPGRADED, packagesOf } from "./docker-packages.ts";
import { CACHE_PACKAGE, CACHE_PORT, cacheUnit } from "./pull-cache.ts";

/** What is different from one node to another. */
export interface CloudInitOptions {
  docker: DockerSource;
  /** The server's own key, as OpenSSH writes both halves: who connects for the first time knows it already. */
  hostKey: { private: string; public: string };
  /** `http(s)://host:port` of a registry that Docker asks first. */
  mirror?: string;
  /** `http(s)://host:port` of the registry that a cache on this server asks. Default: it has none. */
  cacheOf?: string;
  /** Number of the volume that Docker's data lies on. Default: the server's own disk. */
  volume?: string;
}

interface WrittenFile {
  path: string;
  content: string;
  permissions?: string;
}

const PATHS = {
  daemon: "/etc/docker/daemon.json",
  guard: "/usr/local/sbin/guard-metadata",
  guardUnit: "/etc/systemd/system/docker.service.d/guard-metadata.conf",
  cache: "/etc/docker/cache.yml",
  cacheUnit: "/etc/systemd/system/docker-registry.service.d/cache.conf",
  data: "/usr/local/sbin/docker-data",
  dataUnit: "/etc/systemd/system/docker-data.service",
  ssh: "/etc/ssh/sshd_config.d/10-recipe-ci.conf",
  upgrades: "/etc/apt/apt.conf.d/52-recipe-ci",
  installDocker: "/usr/local/sbin/install-docker",
};

const PACKAGES = ["ca-certificates", "curl", "iptables", "restic", "unattended-upgrades"];

/** A run has as many connections open as it has things to ask at once, and several runs go side by side. */
const SSH = `MaxStartups 100:30:300
MaxSessions 100
PasswordAuthentication no
KbdInteractiveAuthentication no
`;

/**
 * User data that turns a fresh Debian into a node: Docker with its configuration, restic, an ssh server that is known
 * beforehand and bears many connections, security updates that leave Docker and running runs alone, and no way for
 * containers to the metadata service. Holds no token: whoever is on the server can read it.
 *
 * Its end is told by `cloud-init status --wait`.
 */
export function cloudInit(options: CloudInitOptions): string {
  const config = {
    ssh_deletekeys: true,
    ssh_keys: { ed25519_private: options.hostKey.private, ed25519_public: options.hostKey.public },
    timezone: "Etc/UTC",
    write_files: files(options),
    package_update: true,
    packages: [...PACKAGES, ...(options.cacheOf ? [CACHE_PACKAGE] : []), ...packagesOf(options.docker)],
    runcmd: [
      // They become one script, whose last line would else say how all of it went.
      "set -e",
      ...(options.docker === "official" ? [[PATHS.installDocker]] : []),
      // Where Docker came with the image, it may have started before its configuration was there.
      ["systemctl", "daemon-reload"],
      ...(options.cacheOf ? [["systemctl", "restart", "docker-registry"]] : []),
      ...(options.volume ? [["systemctl", "stop", "docker.socket", "docker", "containerd"]] : []),
      ["systemctl", "restart", "docker"],
    ],
  };
  return `#cloud-config\n${stringify(config, { lineWidth: 0 })}`;
}

function files({ docker, mirror, cacheOf, volume }: CloudInitOptions): WrittenFile[] {
  return [
    { path: PATHS.daemon, content: daemonConfig(mirror) },
    { path: PATHS.guard, content: METADATA_GUARD, permissions: "0755" },
    { path: PATHS.guardUnit, content: `[Service]\nExecStartPre=${PATHS.guard}\n` },
    { path: PATHS.ssh, content: SSH },
    { path: PATHS.upgrades, content: upgrades() },
    ...(cacheOf ? cacheFiles(cacheOf) : []),
    ...(volume ? dataFiles(volume) : []),
    ...(docker === "official" ? [{ path: PATHS.installDocker, content: INSTALL_OFFICIAL, permissions: "0755" }] : []),
  ];
}

function cacheFiles(upstream: string): WrittenFile[] {
  return [
    { path: PATHS.cache, content: cacheConfig({ upstream, port: CACHE_PORT, folder: "/var/lib/docker-registry" }) },
    { path: PATHS.cacheUnit, content: cacheUnit(PATHS.cache) },
  ];
}

function dataFiles(volume: string): WrittenFile[] {
  const needs = ["docker", "containerd"].map((unit) => `/etc/systemd/system/${unit}.service.d/docker-data.conf`);
  return [
    { path: PATHS.data, content: dataScript(volume), permissions: "0755" },
    { path: PATHS.dataUnit, content: DATA_UNIT },
    ...needs.map((path) => ({ path, content: NEEDS_DATA })),
  ];
}

/** Security updates every day, but for what would take the containers down, and never a reboot. */
function upgrades(): string {
  const blacklist = NEVER_UPGRADED.map((pattern) => `  "${pattern}";\n`).join("");
  return `APT::Periodic::Update-Package-Lists "1";
APT::Periodic::Unattended-Upgrade "1";
Unattended-Upgrade::Automatic-Reboot "false";
Unattended-Upgrade::Package-Blacklist {
${blacklist}};
`;
}
