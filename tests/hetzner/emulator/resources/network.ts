import { hostAddress } from "../../../../machine/network/subnet.ts";
import { refused } from "../api/api-error.ts";
import type { Project } from "../project.ts";
import { freeHost, isInside } from "./address-range.ts";
import type { Kind, Resource } from "./kind.ts";
import type { Protected } from "./protection.ts";

export interface Subnet {
  type: "cloud" | "server" | "vswitch";
  ip_range: string;
  network_zone: string;
  gateway: string;
  vswitch_id: number | null;
}

export interface NetworkRoute {
  destination: string;
  gateway: string;
}

/** A private network. */
export interface Network extends Resource, Protected {
  ip_range: string;
  subnets: Subnet[];
  routes: NetworkRoute[];
  expose_routes_to_vswitch: boolean;
}

export const NETWORK: Kind<Network> = {
  plural: "networks",
  singular: "network",
  store: ({ networks }) => networks,
  view: networkView,
};

/** A network as the API shows it. */
export function networkView(network: Network, project: Project) {
  return { ...network, servers: serversIn(network.id, project).map(({ id }) => id), load_balancers: [] };
}

export function serversIn(network: number, project: Project) {
  return project.servers.all().filter(({ privateNets }) => privateNets.some((net) => net.network === network));
}

/** The address of a network that its servers send everything to. */
export function gatewayOf(ipRange: string): string {
  return hostAddress(ipRange, 1);
}

/** Addresses of a network that a server can't have: the gateway's, other servers', and the one that routes to it. */
function takenAddresses(network: Network, project: Project): Set<string> {
  const nets = project.servers.all().flatMap(({ privateNets }) => privateNets);
  const own = nets.filter((net) => net.network === network.id);
  return new Set([
    gatewayOf(network.ip_range),
    "172.31.1.1",
    ...own.flatMap(({ ip, alias_ips }) => [ip, ...alias_ips]),
  ]);
}

export interface AddressWish {
  ip?: string;
  /** The subnet that it is to be in. */
  ipRange?: string;
}

/**
 * An address for a server: the one that it wants, or the first free one.
 *
 * @throws ApiError 422 no_subnet_available, ip_not_available
 */
export function pickAddress(network: Network, zone: string, project: Project, wish: AddressWish = {}): string {
  const taken = takenAddresses(network, project);
  const subnets = network.subnets.filter(
    (subnet) => subnet.network_zone === zone && (wish.ipRange === undefined || subnet.ip_range === wish.ipRange),
  );
  if (subnets.length === 0) throw refused("no_subnet_available", `network ${network.id} has no subnet in ${zone}`);
  if (wish.ip !== undefined) {
    const { ip } = wish;
    const home = subnets.find((subnet) => isInside(ip, subnet.ip_range));
    if (!home || taken.has(ip) || ip === hostAddress(home.ip_range, 0))
      throw refused("ip_not_available", `IP ${ip} is not available`);
    return ip;
  }
  for (const { ip_range } of subnets) {
    const free = freeHost(ip_range, taken);
    if (free !== undefined) return free;
  }
  throw refused("no_subnet_available", `no free IP in network ${network.id}`);
}
