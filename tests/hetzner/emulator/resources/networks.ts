import { z } from "zod";
import { invalidField, refused } from "../api/api-error.ts";
import { ipv4, name } from "../api/fields.ts";
import { labels } from "../api/labels.ts";
import { type Call, created, del, NOTHING, post, type Route } from "../api/route.ts";
import { NETWORK_ZONES } from "../catalogue/locations.ts";
import { assertUniqueName } from "../store.ts";
import { freeSubnet, isInside, isPrivateRange, isRange, meet } from "./address-range.ts";
import { commonRoutes } from "./kind.ts";
import { gatewayOf, NETWORK, type Network, type NetworkRoute, networkView, type Subnet, serversIn } from "./network.ts";
import { assertUnprotected, protectionRoute } from "./protection.ts";
import { unplug } from "./server-networks.ts";

/** Bits of the smallest network and subnet, and of a subnet that is asked for without a range. */
const BITS = { network: 24, subnet: 30, default: 24 };

const ipRange = z.string().refine(isRange, "is not an IPv4 range in CIDR notation");
const privateRange = ipRange
  .refine((text) => !isRange(text) || isPrivateRange(text), "must be one of the private ranges of RFC 1918")
  .refine((text) => Number(text.split("/")[1]) <= BITS.network, "must be /24 or larger");
const subnetRequest = z.object({
  type: z.enum(["cloud", "server", "vswitch"]),
  ip_range: ipRange.optional(),
  network_zone: z.string().refine((zone) => NETWORK_ZONES.includes(zone), "is not a network zone"),
  vswitch_id: z.number().optional(),
});
const routeRequest = z.object({ destination: ipRange, gateway: ipv4 });
const request = z.object({
  name,
  ip_range: privateRange,
  labels: labels.default({}),
  subnets: z.array(subnetRequest).default([]),
  routes: z.array(routeRequest).default([]),
  expose_routes_to_vswitch: z.boolean().default(false),
});

export const NETWORK_ROUTES: readonly Route[] = [
  ...commonRoutes({ ...NETWORK, update: updateExposure }),
  protectionRoute(NETWORK),
  post("/networks", (call) => {
    const { networks } = call.project;
    const wanted = call.json(request);
    assertUniqueName(networks, wanted.name);
    const own = { id: call.world.nextId(), created: call.world.now(), protection: { delete: false } };
    const network: Network = { ...own, ...wanted, subnets: [], routes: [] };
    for (const subnet of wanted.subnets) network.subnets.push(newSubnet(network, subnet));
    for (const route of wanted.routes) network.routes.push(newRoute(network, route));
    return created({ network: networkView(networks.add(network), call.project) });
  }),
  del("/networks/:id", (call) => {
    const { project, world } = call;
    const network = project.networks.get(call.id());
    assertUnprotected(network, "network");
    project.actions.assertFree({ type: "network", id: network.id });
    project.networks.remove(network.id);
    // Servers in it are detached in the background.
    for (const server of serversIn(network.id, project)) world.inBackground(() => unplug(world, server, network.id));
    return NOTHING;
  }),
  action("add_subnet", subnetRequest, (network, wanted) => {
    const subnet = newSubnet(network, wanted);
    return () => void network.subnets.push(subnet);
  }),
  action("delete_subnet", z.object({ ip_range: ipRange }), (network, { ip_range }, { project }) => {
    if (!network.subnets.some((subnet) => subnet.ip_range === ip_range))
      throw invalidField("ip_range", `there is no subnet ${ip_range}`);
    const nets = project.servers.all().flatMap(({ privateNets }) => privateNets);
    if (nets.some(({ network: id, ip }) => id === network.id && isInside(ip, ip_range)))
      throw refused("service_error", "cannot remove subnet because servers are attached to it");
    return () => {
      network.subnets = network.subnets.filter((subnet) => subnet.ip_range !== ip_range);
    };
  }),
  action("add_route", routeRequest, (network, wanted) => {
    const route = newRoute(network, wanted);
    return () => void network.routes.push(route);
  }),
  action("delete_route", routeRequest, (network, wanted) => {
    const isMeant = (route: NetworkRoute) =>
      route.destination === wanted.destination && route.gateway === wanted.gateway;
    if (!network.routes.some(isMeant)) throw invalidField("destination", "there is no such route");
    return () => {
      network.routes = network.routes.filter((route) => !isMeant(route));
    };
  }),
  action("change_ip_range", z.object({ ip_range: privateRange }), (network, { ip_range }) => {
    if (!isInside(network.ip_range, ip_range)) throw invalidField("ip_range", "a network can only grow");
    return () => {
      network.ip_range = ip_range;
    };
  }),
];

/** An action on one network; `prepare` refuses what can't be, and gives what is done when its time has passed. */
function action<S extends z.ZodType>(
  command: string,
  schema: S,
  prepare: (network: Network, wanted: z.output<S>, call: Call) => () => void,
): Route {
  return post(`/networks/:id/actions/${command}`, (call) => {
    const network = call.project.networks.get(call.id());
    const work = prepare(network, call.json(schema), call);
    return created({ action: call.project.actions.start(command, [{ type: "network", id: network.id }], work) });
  });
}

function newSubnet(network: Network, wanted: z.output<typeof subnetRequest>): Subnet {
  const others = network.subnets.map(({ ip_range }) => ip_range);
  const ip_range = wanted.ip_range ?? freeSubnet(network.ip_range, BITS.default, others);
  if (ip_range === undefined) throw invalidField("ip_range", "the network has no room for another subnet");
  if (!isInside(ip_range, network.ip_range)) throw invalidField("ip_range", "is not in the network's range");
  if (Number(ip_range.split("/")[1]) > BITS.subnet) throw invalidField("ip_range", "must be /30 or larger");
  if (others.some((other) => meet(other, ip_range))) throw invalidField("ip_range", "overlaps another subnet");
  const { type, network_zone, vswitch_id = null } = wanted;
  return { type, ip_range, network_zone, gateway: gatewayOf(network.ip_range), vswitch_id };
}

function newRoute(network: Network, route: NetworkRoute): NetworkRoute {
  if (!isInside(route.gateway, network.ip_range)) throw invalidField("gateway", "is not in the network's range");
  if (route.gateway === gatewayOf(network.ip_range)) throw invalidField("gateway", "is the network's own");
  if (network.routes.some(({ destination }) => destination === route.destination))
    throw invalidField("destination", "has a route already");
  return route;
}

function updateExposure(network: Network, call: Call): void {
  const wanted = call.json(z.object({ expose_routes_to_vswitch: z.boolean().optional() }));
  network.expose_routes_to_vswitch = wanted.expose_routes_to_vswitch ?? network.expose_routes_to_vswitch;
}
