import { home } from "../../../lib/home.ts";
import { withLock } from "../../../lib/lock.ts";
import { shortHash } from "../../../lib/names.ts";
import { hostStep } from "../../../machine/host.ts";
import { ensureRules, type Rule, removeRules, ruleTag } from "../../../machine/network/firewall.ts";
import { bridgePorts, hasLink } from "../../../machine/network/links.ts";
import type { PrivateInterface } from "../emulator/machines.ts";

/** Bytes of a packet in a private network. */
const MTU = 1450;

/** Hetzner's names for the private interfaces of a server, in the order in which they came. */
const INTERFACES = ["enp7s0", "enp8s0", "enp9s0"];

/** What the names of all private networks' bridges of this home begin with. */
export function bridgePrefix(): string {
  return `rcpn-${shortHash([home()], 5)}`;
}

/** The bridge of a private network. */
export function privateBridge(network: number): string {
  return `${bridgePrefix()}${shortHash([String(network)], 5)}`;
}

/** The host's end of a machine's link into a private network. */
export function privateLink(id: string, network: number): string {
  return `rcpl-${shortHash([id, String(network)])}`;
}

/** The name of a machine's nth private interface. */
export function interfaceName(index: number): string {
  const name = INTERFACES[index];
  if (!name) throw new Error(`a machine has at most ${INTERFACES.length} private networks`);
  return name;
}

/** Puts a machine's network namespace into a private network; what is there of an earlier call is made anew. */
export async function plug(id: string, name: string, at: PrivateInterface): Promise<void> {
  const [bridge, link] = [privateBridge(at.networkId), privateLink(id, at.networkId)];
  const inside: [string, ...string[]] = ["ip", "-n", id];
  await locked(at.networkId, async () => {
    await bridgeUp(bridge);
    if (await hasLink(link)) await hostStep("remove a link", ["ip", "link", "del", link]);
    const peer = ["peer", "name", name, "mtu", String(MTU), "address", at.mac, "netns", id];
    await hostStep("make a link", ["ip", "link", "add", link, "mtu", String(MTU), "type", "veth", ...peer]);
    await hostStep("join the bridge", ["ip", "link", "set", link, "master", bridge, "up"]);
  });
  for (const address of [at.address, ...at.aliases])
    await hostStep("set an address", [...inside, "addr", "add", `${address}/32`, "dev", name]);
  await hostStep("switch it on", [...inside, "link", "set", name, "up"]);
  // At Hetzner the way goes through the gateway; here everybody of the network is on one bridge.
  await hostStep("set the route", [...inside, "route", "add", at.ipRange, "dev", name, "src", at.address]);
  for (const { destination, gateway } of at.routes)
    await hostStep("set a route", [...inside, "route", "add", destination, "via", gateway, "dev", name]);
}

/** Takes a machine out of a private network, and the bridge away after the last one. */
export async function unplug(id: string, network: number): Promise<void> {
  const [bridge, link] = [privateBridge(network), privateLink(id, network)];
  await locked(network, async () => {
    if (await hasLink(link)) await hostStep("remove a link", ["ip", "link", "del", link]);
    if ((await bridgePorts(bridge)).length > 0) return;
    await bridgeDown(bridge);
  });
}

/** Removes the bridge of a private network that nobody is in. */
export async function bridgeDown(bridge: string): Promise<void> {
  if (await hasLink(bridge)) await hostStep("remove a bridge", ["ip", "link", "del", bridge]);
  await removeRules(bridge);
}

async function bridgeUp(bridge: string): Promise<void> {
  if (await hasLink(bridge)) return;
  await hostStep("make a bridge", ["ip", "link", "add", bridge, "type", "bridge"]);
  await hostStep("switch the bridge on", ["ip", "link", "set", bridge, "up"]);
  // What stays on a bridge is asked about too where a Docker Engine has been on this host.
  const match = ["-i", bridge, "-o", bridge, "-m", "comment", "--comment", ruleTag(bridge), "-j", "ACCEPT"];
  await ensureRules([{ table: "filter", chain: "FORWARD", match } satisfies Rule]);
}

function locked<T>(network: number, work: () => Promise<T>): Promise<T> {
  return withLock(`private network ${network}`, work);
}
