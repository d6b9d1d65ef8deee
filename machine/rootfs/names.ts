import { isIPv4 } from "node:net";
import { nameservers } from "../network/resolv-conf.ts";
import type { RootfsFile } from "./rootfs.ts";

/**
 * Where containers ask for names below the base domain. From a network for documents (RFC 5737), so that no app and no
 * network of Docker's has it, and nothing listens there: see {@link NAMES_FILES}.
 */
export const NAMES_ADDRESS = "192.0.2.53";

/** Debian's package of the server that answers. */
export const NAMES_PACKAGE = "dnsmasq-base";

/** Port at which it listens: 53 of the node is free for recipes that serve names themselves. */
const PORT = 15_353;

/** Where dnsmasq looks by itself. */
const CONFIG = "/etc/dnsmasq.conf";

const UNITS = "/etc/systemd/system";

/** For containers, whose packets come in, and for those in the machine's own network, whose packets go out. */
const WAYS = ["PREROUTING", "OUTPUT"].flatMap((chain) => ["udp", "tcp"].map((protocol) => ({ chain, protocol })));

const WAY_UNIT = `[Unit]
Description=Lead containers to the server of the node's names
Before=docker.service

[Service]
Type=oneshot
RemainAfterExit=yes
${WAYS.map(
  ({ chain, protocol }) =>
    `ExecStart=/usr/sbin/iptables -w -t nat -I ${chain} -d ${NAMES_ADDRESS} -p ${protocol} --dport 53 -j REDIRECT --to-ports ${PORT}`,
).join("\n")}

[Install]
WantedBy=multi-user.target
`;

const SERVER_UNIT = `[Unit]
Description=Names below the node's base domain
Before=docker.service

[Service]
ExecStart=/usr/sbin/dnsmasq --keep-in-foreground
Restart=always
RestartSec=1

[Install]
WantedBy=multi-user.target
`;

/**
 * What a root file system has so that its containers find each other by their public names, as on the open internet.
 * The server knows these names alone and refuses all others, at which Docker and C libraries ask the next server in
 * their list: the machine's own, as without it.
 */
export const NAMES_FILES: Readonly<Record<string, RootfsFile>> = {
  ...unit("names-way", WAY_UNIT),
  ...unit("names", SERVER_UNIT),
};

/** A machine's own configuration of the server. `baseDomain`: names that lead to `entry`; default: none do. */
export function namesSeed({ baseDomain, entry }: { baseDomain?: string; entry: string }): Record<string, RootfsFile> {
  const lines = [
    `port=${PORT}`,
    "no-resolv",
    "no-hosts",
    "cache-size=0",
    // `local`: that there is nothing but an address, not that someone else might know.
    ...(baseDomain === undefined ? [] : [`address=/${baseDomain}/${entry}`, `local=/${baseDomain}/`]),
  ];
  return { [CONFIG]: { text: `${lines.join("\n")}\n` } };
}

/**
 * Name servers of containers, in their order: ours, and those of a resolv.conf(5) that a container can reach. A machine
 * has no IPv6, and Docker reads three at most.
 */
export function containerNameservers(resolvConf: string): string[] {
  const servers = nameservers(resolvConf).filter(isIPv4);
  return [NAMES_ADDRESS, ...servers.filter((address) => !/^(?:127|0)\./.test(address))].slice(0, 3);
}

function unit(name: string, text: string): Record<string, RootfsFile> {
  return {
    [`${UNITS}/${name}.service`]: { text },
    [`${UNITS}/multi-user.target.wants/${name}.service`]: { symlinkTo: `../${name}.service` },
  };
}
