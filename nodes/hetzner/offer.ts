import { UserError } from "../../lib/errors.ts";
import { type ApiAccess, list } from "./api.ts";
import { type Order, refusedLately } from "./refused-offers.ts";

/** A server as it can be ordered. */
export interface Offer extends Order {
  /** Of the private networks that can be there. */
  networkZone: string;
}

/** What of the API's answers is read here. */
interface ServerType {
  name: string;
  deprecation: { unavailable_after: string } | null;
  locations?: { name: string; available: boolean }[];
}
interface Location {
  name: string;
  network_zone: string;
}

/** What is asked for, first choice first. */
interface Wish {
  locations: readonly string[];
  serverTypes: readonly string[];
}

/**
 * The first location that has one of the types, with the first of them that it has. What was offered, ordered and
 * refused lately is passed over.
 *
 * @param zone of private networks, which a location has to be in. Default: any
 * @throws UserError naming all that was tried
 */
export async function firstOffer(access: ApiAccess, { locations, serverTypes }: Wish, zone?: string): Promise<Offer> {
  const [types, places, refused] = await Promise.all([
    list<ServerType>(access, "server_types"),
    list<Location>(access, "locations"),
    refusedLately(),
  ]);
  for (const location of locations) {
    const networkZone = places.find(({ name }) => name === location)?.network_zone;
    if (zone !== undefined && networkZone !== zone) continue;
    const offered = serverTypes.filter((wanted) => types.some((type) => type.name === wanted && isAt(type, location)));
    const serverType = offered.find((type) => !refused({ serverType: type, location }));
    if (serverType && networkZone) return { serverType, location, networkZone };
  }
  throw new UserError(`no server of ${serverTypes.join(", ")} can be ordered in ${locations.join(", ")} now`, {
    place: { key: "recipe-ci:serverTypes" },
    remedy: `add one that can: ${availableIn(types, locations, refused).join(", ") || "in other locations"}`,
  });
}

/** The zone of a location's private networks. @throws UserError for a location that there is not */
export async function networkZoneOf(access: ApiAccess, location: string): Promise<string> {
  const places = await list<Location>(access, "locations");
  const place = places.find(({ name }) => name === location);
  if (place) return place.network_zone;
  throw new UserError(`Hetzner has no location "${location}"`, {
    place: { key: "recipe-ci:locations" },
    remedy: `use some of ${places.map(({ name }) => name).join(", ")}`,
  });
}

function availableIn(
  types: readonly ServerType[],
  locations: readonly string[],
  refused: (order: Order) => boolean,
): string[] {
  const isOpen = (type: ServerType, location: string) =>
    isAt(type, location) && !refused({ serverType: type.name, location });
  return types.filter((type) => locations.some((location) => isOpen(type, location))).map(({ name }) => name);
}

function isAt({ locations = [] }: ServerType, location: string): boolean {
  return locations.some(({ name, available }) => name === location && available);
}
