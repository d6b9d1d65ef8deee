import { type ApiAccess, ask } from "./api.ts";

/** What Hetzner asks for, in euro without tax, in one place. */
export interface Prices {
  /** When they held. */
  date: string;
  /** From where, for people. */
  source: string;
  /** Percent of tax that is added to them. */
  vatPercent: number;
  /** A server type of this name at a location; undefined where it is not known. */
  server(name: string, location: string): Price | undefined;
  ipv4(location: string): Price;
  /** A GB of a volume, a month. */
  volumeGB: number;
}

/** Hours are rounded up, and a month costs no more than this. */
export interface Price {
  hour: number;
  month: number;
}

/** Hours of an average month, for what has a price a month alone. */
export const MONTH_HOURS = 730;

interface Money {
  net: string;
}
interface AtLocation {
  location: string;
  price_hourly: Money;
  price_monthly: Money;
}
interface Pricing {
  vat_rate: string;
  server_types: { name: string; prices: AtLocation[] }[];
  primary_ips: { type: string; prices: AtLocation[] }[];
  volume: { price_per_gb_month: Money };
}

/** What new orders cost today. A server that is there may cost less: prices change for new orders alone. */
export async function pricesNow(access: ApiAccess): Promise<Prices> {
  const { pricing } = await ask<{ pricing: Pricing }>(access, "GET /pricing");
  const at = (prices: readonly AtLocation[] = [], location: string) => {
    const found = prices.find((one) => one.location === location);
    return found && { hour: Number(found.price_hourly.net), month: Number(found.price_monthly.net) };
  };
  const ipv4 = pricing.primary_ips.find(({ type }) => type === "ipv4")?.prices;
  return {
    date: new Date().toISOString().slice(0, 10),
    source: "Hetzner's own prices of today",
    vatPercent: Number(pricing.vat_rate),
    server: (name, location) => at(pricing.server_types.find((one) => one.name === name)?.prices, location),
    ipv4: (location) => at(ipv4, location) ?? { hour: 0, month: 0 },
    volumeGB: Number(pricing.volume.price_per_gb_month.net),
  };
}

/** Euro a month of types in Germany and Finland. On 15 June 2026 new orders became dearer, and by how much is not told in a list. */
const MONTHLY: Readonly<Record<string, number>> = { cx23: 3.99, cx33: 6.49, cx43: 11.99, cx53: 22.49 };
const HOURLY: Readonly<Record<string, number>> = { cx23: 0.0064, cx33: 0.0104, cx43: 0.0192, cx53: 0.036 };
const EUROPE = ["nbg1", "fsn1", "hel1"];

/** What was known on a day, for who has no token. */
export const PRICE_TABLE: Prices = {
  date: "2026-05-27",
  source: "a table of 2026-05-27; new orders have become dearer since, and a token (HCLOUD_TOKEN) asks for today's",
  vatPercent: 19,
  server: (name, location) => {
    const [hour, month] = [HOURLY[name], MONTHLY[name]];
    return hour !== undefined && month !== undefined && EUROPE.includes(location) ? { hour, month } : undefined;
  },
  ipv4: () => ({ hour: 0.0008, month: 0.5 }),
  volumeGB: 0.0572,
};
