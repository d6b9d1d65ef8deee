import * as pulumi from "@pulumi/pulumi";
import { type ApiAccess, list } from "./api.ts";
import { ID_LABEL, nodeLabels } from "./labels.ts";
import { firstOffer, networkZoneOf, type Offer } from "./offer.ts";
import { selector } from "./remove-labelled.ts";
import type { HetznerSettings } from "./settings.ts";

/** What of the API's answer is read here. */
interface Server {
  labels: Record<string, string>;
  server_type: { name: string };
  location: { name: string };
}

/** Which server a node is made of. */
export type Choice = { [K in keyof Offer]: pulumi.Output<string> };

/**
 * What the node's servers are, where there are some: what can be ordered changes every day, and they don't change with
 * it. Else the first that can be ordered, which is told.
 */
export async function chooseServer(
  access: ApiAccess,
  settings: HetznerSettings,
  stack: string,
  id: pulumi.Output<string>,
): Promise<Choice> {
  const servers = await serversAt(access, stack);
  const wanted = servers.length === 0 ? await told(firstOffer(access, settings)) : undefined;
  const choice = id.apply(async (own) => {
    const there = servers.find(({ labels }) => labels[ID_LABEL] === own);
    if (!there) return wanted ?? firstOffer(access, settings);
    const location = there.location.name;
    return { serverType: there.server_type.name, location, networkZone: await networkZoneOf(access, location) };
  });
  return {
    serverType: choice.serverType,
    location: choice.location,
    networkZone: choice.networkZone,
  };
}

/** What is there, else what would be taken: for who wants to know what it costs, and makes nothing. */
export async function serverOf(
  access: ApiAccess,
  settings: Pick<HetznerSettings, "locations" | "serverTypes">,
  stack: string,
): Promise<Pick<Offer, "serverType" | "location"> & { isThere: boolean }> {
  const [there] = await serversAt(access, stack);
  if (there) return { serverType: there.server_type.name, location: there.location.name, isThere: true };
  return { ...(await firstOffer(access, settings)), isThere: false };
}

/** Servers of a stack, as Hetzner has them. */
export function serversAt(access: ApiAccess, stack: string): Promise<Server[]> {
  return list<Server>(access, "servers", { label_selector: selector(nodeLabels(stack)) });
}

async function told(offer: Promise<Offer>): Promise<Offer> {
  const { serverType, location } = await offer;
  await pulumi.log.info(`the first that can be ordered: ${serverType} in ${location}`);
  return offer;
}
