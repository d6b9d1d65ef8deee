import { readdir } from "node:fs/promises";
import { exists } from "../../lib/exists.ts";
import { hostExec } from "../host.ts";

/** Whether a link exists in the host's own network namespace. */
export async function hasLink(name: string): Promise<boolean> {
  return exists(`/sys/class/net/${name}`);
}

/** IPv4 addresses of a link, in the host's own or in a named network namespace. Empty when there is no such link. */
export async function linkAddresses(link: string, namespace?: string): Promise<string[]> {
  const options = namespace === undefined ? [] : ["-n", namespace];
  const json = await hostExec(["ip", ...options, "-json", "-4", "addr", "show", "dev", link]).catch(() => "[]");
  const links = JSON.parse(json || "[]") as { addr_info?: { local?: string }[] }[];
  return links.flatMap((entry) => (entry.addr_info ?? []).flatMap(({ local }) => (local ? [local] : [])));
}

/** Names of the links that are ports of a bridge. */
export async function bridgePorts(bridge: string): Promise<string[]> {
  const json = await hostExec(["ip", "-json", "link", "show", "master", bridge]).catch(() => "[]");
  return (JSON.parse(json || "[]") as { ifname: string }[]).map(({ ifname }) => ifname);
}

/** What the name of every bridge of a recipe-ci home begins with. */
export const BRIDGE_PREFIX = "rcibr-";

/** Bridges of all recipe-ci homes on this host. */
export async function ownBridges(): Promise<string[]> {
  return (await readdir("/sys/class/net")).filter((name) => name.startsWith(BRIDGE_PREFIX));
}
