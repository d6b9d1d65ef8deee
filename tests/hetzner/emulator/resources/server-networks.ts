import { z } from "zod";
import { invalidField, refused } from "../api/api-error.ts";
import { id, ipv4 } from "../api/fields.ts";
import { type Call, created, post, type Route } from "../api/route.ts";
import type { Project } from "../project.ts";
import type { World } from "../world.ts";
import { isInside, meet } from "./address-range.ts";
import { type AddressWish, gatewayOf, type Network, pickAddress } from "./network.ts";
import { type PrivateNet, type Server, targetOf } from "./server.ts";

const attachment = z.object({
  network: id,
  ip: ipv4.optional(),
  alias_ips: z.array(ipv4).max(5).default([]),
  ip_range: z.string().optional(),
});

export const SERVER_NETWORK_ROUTES: readonly Route[] = [
  post("/servers/:id/actions/attach_to_network", (call) => {
    const { project, world } = call;
    const server = project.servers.get(call.id());
    const wanted = call.json(attachment);
    const network = project.networks.get(wanted.network);
    project.actions.assertFree(targetOf(server));
    const net = join(project, server, network, { ip: wanted.ip, ipRange: wanted.ip_range });
    net.alias_ips = wanted.alias_ips;
    const leave = () => {
      server.privateNets = server.privateNets.filter((one) => one !== net);
    };
    const plug = () => plugIn(world, project, server, net);
    const options = { locks: [targetOf(server)], onFailure: leave };
    const action = project.actions.start("attach_to_network", targets(server, network), plug, options);
    return created({ action });
  }),
  post("/servers/:id/actions/detach_from_network", (call) => {
    const { project, world } = call;
    const { server, network } = attached(call);
    const pull = () => unplug(world, server, network.id);
    const options = { locks: [targetOf(server)] };
    const action = project.actions.start("detach_from_network", targets(server, network), pull, options);
    return created({ action });
  }),
  post("/servers/:id/actions/change_alias_ips", (call) => {
    const { project, world } = call;
    const { server, network, net } = attached(call);
    const { alias_ips } = call.json(z.object({ alias_ips: z.array(ipv4).max(5) }));
    const wrong = alias_ips.find((ip) => !isInside(ip, network.ip_range));
    if (wrong) throw invalidField("alias_ips", `${wrong} is not in the network's range`);
    const action = project.actions.start("change_alias_ips", targets(server, network), async () => {
      net.alias_ips = alias_ips;
      await world.machines.attachNetwork(server.id, interfaceOf(network, net));
    });
    return created({ action });
  }),
];

/**
 * Gives a server a place in a network, which its machine does not know of yet.
 *
 * @throws ApiError 422 server_already_attached, networks_overlap and those of {@link pickAddress}
 */
export function join(project: Project, server: Server, network: Network, wish: AddressWish = {}): PrivateNet {
  if (server.privateNets.some((net) => net.network === network.id))
    throw refused("server_already_attached", `server ${server.id} is already attached to network ${network.id}`);
  const others = server.privateNets.flatMap((net) => project.networks.find(net.network) ?? []);
  if (others.some((other) => meet(other.ip_range, network.ip_range)))
    throw refused("networks_overlap", "the network overlaps another one of the server");
  const ip = pickAddress(network, server.location.network_zone, project, wish);
  const net: PrivateNet = { network: network.id, ip, alias_ips: [], mac_address: macOf(project.world.nextId()) };
  server.privateNets.push(net);
  return net;
}

/** Brings the interface of a private network into a server's machine, as late as the controls say. */
export async function plugIn(world: World, project: Project, server: Server, net: PrivateNet): Promise<void> {
  const attach = async () => {
    const network = project.networks.find(net.network);
    if (network && server.privateNets.includes(net))
      await world.machines.attachNetwork(server.id, interfaceOf(network, net));
  };
  if (world.controls.privateInterface === "at once") return attach();
  world.inBackground(async () => {
    if (await world.controls.privateInterfaceComes()) await attach();
  });
}

/** What comes at the latest with a reboot. */
export async function plugInAll(world: World, project: Project, server: Server): Promise<void> {
  if (world.controls.privateInterface !== "after reboot") return;
  for (const net of server.privateNets) {
    const network = project.networks.find(net.network);
    if (network) await world.machines.attachNetwork(server.id, interfaceOf(network, net));
  }
}

export async function unplug(world: World, server: Server, network: number): Promise<void> {
  server.privateNets = server.privateNets.filter((net) => net.network !== network);
  await world.machines.detachNetwork(server.id, network);
}

function interfaceOf(network: Network, net: PrivateNet) {
  return {
    networkId: network.id,
    ipRange: network.ip_range,
    gateway: gatewayOf(network.ip_range),
    address: net.ip,
    aliases: net.alias_ips,
    mac: net.mac_address,
    routes: network.routes,
  };
}

function attached(call: Call) {
  const server = call.project.servers.get(call.id());
  const wanted = call.json(z.object({ network: id }));
  const network = call.project.networks.get(wanted.network);
  const net = server.privateNets.find((one) => one.network === network.id);
  if (!net) throw invalidField("network", `server ${server.id} is not attached to network ${network.id}`);
  return { server, network, net };
}

function targets(server: Server, network: Network) {
  return [targetOf(server), { type: "network", id: network.id }];
}

/** Of the prefix that Hetzner's private interfaces have. */
function macOf(id: number): string {
  const digits = (id % 0x100_0000).toString(16).padStart(6, "0");
  return `86:00:00:${digits.slice(0, 2)}:${digits.slice(2, 4)}:${digits.slice(4)}`;
}
