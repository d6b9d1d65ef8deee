/** TCP port of the cache, in the private network: the firewall lets nobody else to it. */
export const CACHE_PORT = 5000;

/** Debian's package of the registry, which is a cache of another one as well. */
export const CACHE_PACKAGE = "docker-registry";

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
