import { mkdir, readFile, rm } from "node:fs/promises";
import { isIPv4 } from "node:net";
import { dirname } from "node:path";
import { shareAddresses } from "../../lib/cidr.ts";
import { InfraError } from "../../lib/errors.ts";
import { home } from "../../lib/home.ts";
import { withLock } from "../../lib/lock.ts";
import { shortHash } from "../../lib/names.ts";
import { replaceFile } from "../../lib/replace-file.ts";
import { hostExec, hostStep } from "../host.ts";
import { bridgeRules, ensureRules, removeRules, ruleTag, taggedRules } from "./firewall.ts";
import { restoreForwarding, switchForwardingOn } from "./forwarding.ts";
import { BRIDGE_PREFIX, bridgePorts, hasLink, linkAddresses } from "./links.ts";
import { nameservers } from "./resolv-conf.ts";
import { chooseSubnet, hostAddress, parseRoutes, parseSubnet } from "./subnet.ts";

/** The bridge that machines of one home share. */
export interface Network {
  /** One bridge for each recipe-ci home: two homes on a host never touch each other's. */
  bridge: string;
  /** e.g. `10.78.0.0/24`. */
  subnet: string;
  /** The host's address on the bridge. */
  gateway: string;
}

/** Locked by everybody who changes rules or the switch: they belong to the whole host, whatever the home. */
const LOCK_FILE = "/run/lock/recipe-ci-network";

/** Name of this home's bridge. A link's name may have 15 characters. */
export function bridgeName(): string {
  return `${BRIDGE_PREFIX}${shortHash([home()])}`;
}

/** The network of the last {@link networkUp}, or undefined. Its bridge may be gone since. */
export async function savedNetwork(): Promise<Network | undefined> {
  const text = await readFile(stateFile(), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const { subnet } = JSON.parse(text) as { subnet?: unknown };
    return typeof subnet === "string" && parseSubnet(subnet)?.bits === 24 ? network(subnet) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Makes the bridge with its address, lets its packets through and out, and switches forwarding on if it is off.
 * The subnet stays the same from one call to the next, unless something else on the host has taken it meanwhile.
 */
export async function networkUp(): Promise<Network> {
  return exclusively(async () => {
    const isNew = !(await hasLink(bridgeName()));
    try {
      return await bringUp();
    } catch (error) {
      // Nobody keeps a record of a step that failed: what it made has to go with it.
      if (isNew) await takeDown().catch(() => undefined);
      throw error;
    }
  });
}

async function bringUp(): Promise<Network> {
  const { bridge, subnet, gateway } = await pickNetwork();
  if (!(await hasLink(bridge))) await hostStep("make a bridge", ["ip", "link", "add", bridge, "type", "bridge"]);
  const addresses = await linkAddresses(bridge);
  if (addresses.length !== 1 || addresses[0] !== gateway) {
    await hostStep("clear the bridge's addresses", ["ip", "-4", "addr", "flush", "dev", bridge]);
    await hostStep("give the bridge its address", ["ip", "addr", "add", `${gateway}/24`, "dev", bridge]);
    await removeRules(bridge);
  }
  await hostStep("switch the bridge on", ["ip", "link", "set", bridge, "up"]);
  await ensureRules(bridgeRules(bridge, subnet));
  await switchForwardingOn();
  return { bridge, subnet, gateway };
}

/**
 * Removes the bridge and its rules, puts forwarding back, and verifies that nothing is left.
 *
 * @throws InfraError while a machine is still attached.
 */
export async function networkDown(): Promise<void> {
  await exclusively(takeDown);
}

async function takeDown(): Promise<void> {
  const bridge = bridgeName();
  const ports = await bridgePorts(bridge);
  if (ports.length > 0)
    throw new InfraError(`${bridge} still carries ${ports.join(", ")}`, { remedy: "destroy its machines first" });
  if (await hasLink(bridge)) await hostStep("remove the bridge", ["ip", "link", "del", bridge]);
  await removeRules(bridge);
  await restoreForwarding();
  await rm(stateFile(), { force: true });
  const left = await networkLeftovers(bridge);
  if (left.length > 0) throw new InfraError(`not removed: ${left.join(", ")}`);
}

/** What exists of a bridge on the host. */
export async function networkLeftovers(bridge: string): Promise<string[]> {
  const tag = ruleTag(bridge);
  const rules = [...(await taggedRules("filter", tag)), ...(await taggedRules("nat", tag))];
  return [...((await hasLink(bridge)) ? [`link ${bridge}`] : []), ...rules.map((rule) => `rule ${rule}`)];
}

function exclusively<T>(work: () => Promise<T>): Promise<T> {
  return withLock("the host's network", work, { file: LOCK_FILE });
}

async function pickNetwork(): Promise<Network> {
  const taken = await takenSubnets();
  const saved = await savedNetwork();
  if (saved && !taken.some((other) => shareAddresses(saved.subnet, other))) return saved;
  const subnet = chooseSubnet(taken);
  if (!subnet)
    throw new InfraError("no free subnet for machines: every candidate overlaps a route of this host", {
      remedy: "run ip route and remove routes in 10.78.0.0 to 10.127.255.255 that nobody needs",
    });
  await mkdir(dirname(stateFile()), { recursive: true });
  replaceFile(stateFile(), `${JSON.stringify({ subnet })}\n`);
  return network(subnet);
}

/** Routes of the host that do not go to our own bridge, and its name servers. */
async function takenSubnets(): Promise<string[]> {
  const json = await hostExec(["ip", "-json", "-4", "route", "show", "table", "all"]);
  const routes = (JSON.parse(json || "[]") as { dev?: string }[]).filter(({ dev }) => dev !== bridgeName());
  const resolvers = await readFile("/etc/resolv.conf", "utf8").catch(() => "");
  return [...parseRoutes(JSON.stringify(routes)), ...nameservers(resolvers).filter(isIPv4)];
}

function network(subnet: string): Network {
  return { bridge: bridgeName(), subnet, gateway: hostAddress(subnet, 1) };
}

function stateFile(): string {
  return home("network.json");
}
