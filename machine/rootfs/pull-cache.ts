import type { RootfsFile } from "./rootfs.ts";

/** Docker Hub, as a cache asks it (distribution.github.io, "pull through cache"). */
export const HUB = "https://registry-1.docker.io";
/** TCP port of a machine's cache. Not one that a recipe might publish, nor one that the kernel gives away. */
export const PULL_CACHE_PORT = 65_001;
/** Folder in the machine that is a folder of the host: what the cache has pulled. */
export const PULL_CACHE_FOLDER = "/var/lib/pull-cache";

const CONFIG = "/etc/docker/registry/pull-cache.yml";
const UNIT = "/etc/systemd/system/pull-cache.service";

/** What a cache is made of. */
export interface CacheOptions {
  /** Registry that it asks for what it has not. */
  upstream: string;
  /** TCP port, on every address. */
  port: number;
  /** Where it keeps what it has pulled. */
  folder: string;
}

/**
 * Configuration of a cache, for Debian's `docker-registry`. It takes no pushes, and knows no login: what is not for
 * everybody is asked for at its own registry, by who has one. What nobody asks for is taken away after a week, which
 * is the registry's own rule, and needs its leave to delete.
 */
export function cacheConfig({ upstream, port, folder }: CacheOptions): string {
  return `version: 0.1
log:
  level: warn
storage:
  filesystem:
    rootdirectory: ${folder}
  delete:
    enabled: true
http:
  addr: 0.0.0.0:${port}
proxy:
  remoteurl: ${upstream}
`;
}

/**
 * A cache ends where it can't ask upstream. Docker goes by without it at once, and it comes back half a minute after
 * this host is online.
 */
const CACHE_UNIT = `[Unit]
Description=Cache of what is pulled
After=network.target
StartLimitIntervalSec=0

[Service]
ExecStart=/usr/bin/docker-registry serve ${CONFIG}
Restart=always
RestartSec=30
`;

/** Files of a machine with a cache of a registry, or of one that has none. */
export function pullCacheSeed(upstream: string | undefined): Record<string, RootfsFile> {
  // Not just left out: a machine that had one before keeps its files.
  if (upstream === undefined) return { [UNIT]: { symlinkTo: "/dev/null" } };
  return {
    [CONFIG]: { text: cacheConfig({ upstream, port: PULL_CACHE_PORT, folder: PULL_CACHE_FOLDER }) },
    [UNIT]: { text: CACHE_UNIT },
    "/etc/systemd/system/multi-user.target.wants/pull-cache.service": { symlinkTo: UNIT },
  };
}
