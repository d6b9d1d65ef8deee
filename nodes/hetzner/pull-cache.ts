/** TCP port of the cache, in the private network: the firewall lets nobody else to it. */
export const CACHE_PORT = 5000;

/** Debian's package of the registry, which is a cache of another one as well. */
export const CACHE_PACKAGE = "docker-registry";

/** Docker Hub, as a cache asks it (distribution.github.io, "pull through cache"). */
export const HUB = "https://registry-1.docker.io";

/**
 * Configuration of a cache. It takes no pushes, and knows no login: what is not for everybody is asked for at its own
 * registry, by who has one.
 *
 * @param upstream registry that it asks for what it has not
 */
export function cacheConfig(upstream: string): string {
  return `version: 0.1
log:
  level: warn
storage:
  filesystem:
    rootdirectory: /var/lib/docker-registry
  delete:
    enabled: true
http:
  addr: 0.0.0.0:${CACHE_PORT}
proxy:
  remoteurl: ${upstream}
`;
}

/** The package's own configuration is left to it. A cache ends where it can't ask upstream, and is to come back. */
export function cacheUnit(config: string): string {
  return `[Unit]
StartLimitIntervalSec=0

[Service]
ExecStart=
ExecStart=/usr/bin/docker-registry serve ${config}
Restart=always
RestartSec=2
`;
}
