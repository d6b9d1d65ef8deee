import { exists } from "../../lib/exists.ts";
import { hostExec, hostStep, hostSucceeds } from "../host.ts";
import { hasLink, linkAddresses } from "./links.ts";
import type { Network } from "./network.ts";

/**
 * Gives a machine a network namespace with `eth0` on the bridge. The namespace outlives the machine's power-off.
 *
 * @param id names the namespace and the host's end of the link
 */
export async function attach(id: string, address: string, { bridge, gateway }: Network): Promise<void> {
  if (await isAttached(id, address, bridge)) return;
  await detach(id);
  const inside: [string, ...string[]] = ["ip", "-n", id];
  await hostStep("make a network namespace", ["ip", "netns", "add", id]);
  await hostStep("make a link", ["ip", "link", "add", id, "type", "veth", "peer", "name", "eth0", "netns", id]);
  await hostStep("join the bridge", ["ip", "link", "set", id, "master", bridge, "up"]);
  await hostStep("switch loopback on", [...inside, "link", "set", "lo", "up"]);
  await hostStep("set the address", [...inside, "addr", "add", `${address}/24`, "dev", "eth0"]);
  await hostStep("switch eth0 on", [...inside, "link", "set", "eth0", "up"]);
  await hostStep("set the route", [...inside, "route", "add", "default", "via", gateway]);
}

/** Removes a machine's network namespace and link. Nothing may run in it any more. */
export async function detach(id: string): Promise<void> {
  // The link first: one whose namespace was removed lives on until the kernel gets round to it.
  if (await hasLink(id)) await hostExec(["ip", "link", "del", id]).catch(() => undefined);
  if (await exists(namespacePath(id))) await hostStep("remove a network namespace", ["ip", "netns", "del", id]);
}

/** Where `ip netns` keeps a network namespace. */
export function namespacePath(id: string): string {
  return `/run/netns/${id}`;
}

async function isAttached(id: string, address: string, bridge: string): Promise<boolean> {
  if (!(await exists(`/sys/class/net/${bridge}/brif/${id}`)) || !(await exists(namespacePath(id)))) return false;
  // After a reboot of the host the file may be left on disk, without a namespace behind it.
  if (!(await hostSucceeds(["ip", "netns", "exec", id, "true"]))) return false;
  const route = await hostExec(["ip", "-n", id, "route", "show", "default"]).catch(() => "");
  return route !== "" && (await linkAddresses("eth0", id)).includes(address);
}

/** What exists of a machine's attachment. */
export async function attachmentLeftovers(id: string): Promise<string[]> {
  return [
    ...((await hasLink(id)) ? [`link ${id}`] : []),
    ...((await exists(namespacePath(id))) ? [`network namespace ${id}`] : []),
  ];
}
