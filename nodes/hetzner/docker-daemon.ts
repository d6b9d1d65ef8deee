import { BRIDGE_POOL, METADATA_ADDRESS, PRIVATE_MTU } from "./address-plan.ts";

/** TCP address of Docker's own metrics, for the node alone. */
const METRICS = "127.0.0.1:9323";

/** dockerd's configuration. `mirror`: `http(s)://host:port` of a registry that is asked first. */
export function daemonConfig(mirror: string | undefined): string {
  const config = {
    "log-driver": "json-file",
    "log-opts": { "max-size": "10m", "max-file": "3" },
    "default-address-pools": [BRIDGE_POOL],
    "default-network-opts": { overlay: { "com.docker.network.driver.mtu": String(PRIVATE_MTU) } },
    "metrics-addr": METRICS,
    ...(mirror === undefined ? {} : mirrorConfig(mirror)),
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

/** Only one that speaks plain HTTP has to be named as such. */
function mirrorConfig(mirror: string) {
  const { protocol, host } = new URL(mirror);
  return { "registry-mirrors": [mirror], ...(protocol === "http:" ? { "insecure-registries": [host] } : {}) };
}

/**
 * Run before every start of Docker, which keeps the rules of this chain as they are: there is no moment in which a
 * container could ask who the server is, and read its host key in the user data.
 */
export const METADATA_GUARD = `#!/bin/sh
iptables -w -N DOCKER-USER 2>/dev/null
set -- DOCKER-USER -d ${METADATA_ADDRESS}/32 -j REJECT
iptables -w -C "$@" 2>/dev/null || iptables -w -I "$@"
`;
