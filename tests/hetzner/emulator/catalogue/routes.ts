import { ApiError, notFound } from "../api/api-error.ts";
import { type Filters, type Listable, select } from "../api/listing.ts";
import { type Call, get, ok, type Route } from "../api/route.ts";
import { list } from "../resources/kind.ts";
import { pricesOf } from "./catalogue.ts";
import { IMAGES, type Image, imageView } from "./images.ts";
import { LOCATIONS } from "./locations.ts";
import { money, VAT_RATE } from "./money.ts";
import { SERVER_TYPES } from "./server-types.ts";

/** Euro. Made up, as those of server types are. */
const PRICE = {
  ipv4: money(0.0008),
  ipv4Month: money(0.5),
  free: money(0),
  volumeGB: money(0.044),
  imageGB: money(0.011),
};

/** What a program may look for, and nobody can make here. */
const NEVER_ANY = ["load_balancers", "load_balancer_types", "floating_ips", "certificates", "isos"];

const imageFilters: Filters<Image> = {
  name: ({ name }) => name,
  type: ({ type }) => type,
  architecture: ({ architecture }) => architecture,
  status: () => "available",
};

export const CATALOGUE_ROUTES: readonly Route[] = [
  ...looked("locations", "location", LOCATIONS, (one) => one),
  ...looked("server_types", "server_type", SERVER_TYPES, (type, { world }) => world.catalogue.serverTypeView(type)),
  get("/images", (call) => {
    const wantsOld = /^true$/i.test(call.query.get("include_deprecated") ?? "");
    const offered = IMAGES.filter(({ deprecated }) => wantsOld || deprecated === null);
    return list(call, "images", select(offered, call.query, imageFilters), imageView);
  }),
  get("/images/:id", (call) => ok({ image: imageView(byId(IMAGES, call, "image")) })),
  get("/pricing", () => ok({ pricing: pricing() })),
  ...NEVER_ANY.map((plural) => get(`/${plural}`, (call) => list(call, plural, [], (one) => one))),
  ...["/datacenters", "/datacenters/:id"].map((path) =>
    get(path, () => {
      throw new ApiError(410, "deprecated_api_endpoint", "datacenters were removed on 2026-10-01: use locations");
    }),
  ),
];

/** List and look at one kind of what does not change. */
function looked<T extends Listable & { id: number; name: string }>(
  plural: string,
  singular: string,
  all: readonly T[],
  view: (one: T, call: Call) => unknown,
): Route[] {
  return [
    get(`/${plural}`, (call) =>
      list(call, plural, select(all, call.query, { name: ({ name }) => name }), (one) => view(one, call)),
    ),
    get(`/${plural}/:id`, (call) => ok({ [singular]: view(byId(all, call, singular), call) })),
  ];
}

function byId<T extends { id: number }>(all: readonly T[], call: Call, singular: string): T {
  const id = call.id();
  const found = all.find((one) => one.id === id);
  if (!found) throw notFound(`${singular} with ID '${id}'`);
  return found;
}

function pricing() {
  const everywhere = <T>(price: T) => LOCATIONS.map(({ name }) => ({ location: name, ...price }));
  return {
    currency: "EUR",
    vat_rate: VAT_RATE.toFixed(6),
    primary_ips: [
      { type: "ipv4", prices: everywhere({ price_hourly: PRICE.ipv4, price_monthly: PRICE.ipv4Month }) },
      { type: "ipv6", prices: everywhere({ price_hourly: PRICE.free, price_monthly: PRICE.free }) },
    ],
    floating_ips: [],
    floating_ip: { price_monthly: PRICE.ipv4Month },
    image: { price_per_gb_month: PRICE.imageGB },
    volume: { price_per_gb_month: PRICE.volumeGB },
    server_backup: { percentage: "20.0000000000" },
    server_types: SERVER_TYPES.map((type) => ({ id: type.id, name: type.name, prices: pricesOf(type) })),
    load_balancer_types: [],
  };
}
