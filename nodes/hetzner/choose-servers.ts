import * as pulumi from "@pulumi/pulumi";
import { workerName } from "../../components/hetzner-node.ts";
import { type ApiAccess, list } from "./api.ts";
import { nodeLabels } from "./labels.ts";
import { firstOffer, networkZoneOf, type Offer } from "./offer.ts";
import { type Order, orderName } from "./refused-offers.ts";
import { selector } from "./remove-labelled.ts";
import type { HetznerSettings } from "./settings.ts";

/** What of the API's answer is read here. */
interface Server {
  name: string;
  server_type: { name: string };
  location: { name: string };
}

/** Which servers a node is made of. */
export interface Choice {
  networkZone: string;
  /** The manager first, then its workers. */
  orders: Order[];
}

type Wanted = Pick<HetznerSettings, "locations" | "serverTypes" | "workers">;

/**
 * What the node's servers are, where there are some: what can be ordered changes every day, and they don't change with
 * it. Of the rest each is the first that can be ordered, which is told; workers as their manager where one can be had,
 * else another in the zone of its private network.
 *
 * @param name of the manager's server
 */
export async function chooseServers(
  access: ApiAccess,
  wanted: Wanted,
  stack: string,
  name: pulumi.Output<string>,
): Promise<pulumi.Output<Choice>> {
  const servers = await serversAt(access, stack);
  const first = servers.length === 0 ? await firstOffer(access, wanted) : undefined;
  if (first) await pulumi.log.info(`the first that can be ordered: ${orderName(first)}`);
  return name.apply(async (own) => {
    const choice = await choose(access, wanted, servers, own, first);
    const [manager, ...workers] = choice.orders;
    const apart = workers.filter((worker) => manager && orderName(worker) !== orderName(manager));
    for (const worker of new Set(apart.map(orderName))) await pulumi.log.info(`of its workers, some are ${worker}`);
    return choice;
  });
}

/** What is there, else what would be taken: for who wants to know what it costs, and makes nothing. */
export async function ordersOf(
  access: ApiAccess,
  wanted: Wanted,
  stack: string,
): Promise<{ orders: Order[]; isThere: boolean }> {
  const servers = await serversAt(access, stack);
  const names = servers.map(({ name }) => name).sort((a, b) => a.length - b.length);
  const { orders } = await choose(access, wanted, servers, names[0] ?? "");
  return { orders, isThere: servers.length > 0 };
}

async function choose(
  access: ApiAccess,
  wanted: Wanted,
  servers: readonly Server[],
  name: string,
  first?: Offer,
): Promise<Choice> {
  const there = new Map(servers.map((server) => [server.name, orderOf(server)]));
  const names = [name, ...Array.from({ length: wanted.workers }, (_, index) => workerName(name, index + 1))];
  const known = names.map((one) => there.get(one));
  const like = known.find((order) => order !== undefined) ?? first ?? (await firstOffer(access, wanted));
  const networkZone = await networkZoneOf(access, like.location);
  const next = known.includes(undefined) ? await firstOffer(access, asBefore(like, wanted), networkZone) : like;
  return { networkZone, orders: known.map((order) => order ?? next) };
}

/** The same wishes, but first of all an order as there is one already. */
function asBefore({ serverType, location }: Order, { locations, serverTypes }: Wanted): Omit<Wanted, "workers"> {
  return {
    locations: [...new Set([location, ...locations])],
    serverTypes: [...new Set([serverType, ...serverTypes])],
  };
}

/** Servers of a stack, as Hetzner has them. */
function serversAt(access: ApiAccess, stack: string): Promise<Server[]> {
  return list<Server>(access, "servers", { label_selector: selector(nodeLabels(stack)) });
}

function orderOf({ server_type, location }: Server): Order {
  return { serverType: server_type.name, location: location.name };
}
