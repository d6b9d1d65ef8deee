import { invalidField, unavailable } from "../api/api-error.ts";
import type { Controls } from "../controls.ts";
import { IMAGES, type Image } from "./images.ts";
import { LOCATIONS, type Location } from "./locations.ts";
import { SERVER_TYPES, type ServerType } from "./server-types.ts";

/** Bytes of traffic that a server has without further cost. */
const INCLUDED_TRAFFIC = 20 * 1024 ** 4;
const TRAFFIC_PRICE = { net: "1.0000000000", gross: "1.1900000000" };

/** What can be ordered, and where. */
export class Catalogue {
  readonly #controls: Controls;

  constructor(controls: Controls) {
    this.#controls = controls;
  }

  /** By name or number. @throws ApiError 422 */
  location(named: string): Location {
    return byName(LOCATIONS, named, "location");
  }

  /** By name or number. @throws ApiError 422 */
  serverType(named: string): ServerType {
    return byName(SERVER_TYPES, named, "server_type");
  }

  /** By name or number, for an architecture. @throws ApiError 422 */
  image(named: string, architecture: ServerType["architecture"]): Image {
    const fitting = IMAGES.filter((image) => image.architecture === architecture);
    return byName(fitting, named, "image");
  }

  /** @throws ApiError 422 where it is not offered, 412 where there is none left */
  assertOrderable(type: ServerType, location: Location): void {
    if (isOver(type)) throw invalidField("server_type", `server type ${type.name} can't be ordered any more`);
    if (!type.offers.some((offer) => offer.location === location.name))
      throw invalidField("location", `unsupported location for server type ${type.name}`);
    if (this.#controls.isSoldOut(type.name, location.name))
      throw unavailable(`server type ${type.name} is currently unavailable in location ${location.name}`);
  }

  /** The first location that has the type, for an order that names none. */
  anyLocation(type: ServerType): Location {
    const open = type.offers.find((offer) => !this.#controls.isSoldOut(type.name, offer.location));
    if (!open) throw unavailable(`server type ${type.name} is currently unavailable`);
    return this.location(open.location);
  }

  /** A server type as the API shows it. */
  serverTypeView(type: ServerType) {
    const { offers, ...own } = type;
    return {
      ...own,
      storage_type: "local",
      deprecated: type.deprecation !== null,
      prices: pricesOf(type),
      locations: offers.map(({ location }) => ({
        id: this.location(location).id,
        name: location,
        deprecation: type.deprecation,
        recommended: type.deprecation === null,
        available: !isOver(type) && !this.#controls.isSoldOut(type.name, location),
      })),
    };
  }
}

/** What a server type costs, in each of its locations. */
export function pricesOf({ offers }: ServerType) {
  return offers.map(({ location, hourly, monthly }) => ({
    location,
    price_hourly: hourly,
    price_monthly: monthly,
    included_traffic: INCLUDED_TRAFFIC,
    price_per_tb_traffic: TRAFFIC_PRICE,
  }));
}

function isOver({ deprecation }: ServerType): boolean {
  return deprecation !== null && Date.parse(deprecation.unavailable_after) < Date.now();
}

function byName<T extends { id: number; name: string }>(all: readonly T[], named: string, field: string): T {
  const found = all.find(({ id, name }) => name === named || String(id) === named);
  if (!found) throw invalidField(field, `${field.replace("_", " ")} ${named} not found`);
  return found;
}
