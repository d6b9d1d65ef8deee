import { UserError } from "../../lib/errors.ts";
import { MONTH_HOURS, type Price, type Prices } from "./prices.ts";
import { type Order, orderName } from "./refused-offers.ts";

/** What a node is made of, as far as it costs. */
export interface CostingNode {
  /** Its servers. */
  orders: readonly Order[];
  /** GB of the volume of each server; undefined where it has none. */
  volumeGB: number | undefined;
}

/** What a node costs in all, in euro without tax. */
export interface Cost extends Price {
  parts: readonly (Price & { what: string; count: number })[];
}

/**
 * What a node costs. Pure.
 *
 * @throws UserError for a type whose price is not known there
 */
export function costOf({ orders, volumeGB }: CostingNode, prices: Prices): Cost {
  const count = orders.length;
  const month = (volumeGB ?? 0) * prices.volumeGB;
  const parts = [
    ...counted(orders.map((order) => ({ what: `server ${orderName(order)}`, ...priceOf(order, prices) }))),
    ...counted(orders.map(({ location }) => ({ what: "IPv4 address", ...prices.ipv4(location) }))),
    ...(volumeGB === undefined ? [] : [{ what: `volume of ${volumeGB} GB`, count, hour: month / MONTH_HOURS, month }]),
  ];
  // Sums of fractions of cents have tails.
  const sum = (key: keyof Price) => Number(parts.reduce((all, part) => all + part.count * part[key], 0).toFixed(6));
  return { parts, hour: sum("hour"), month: sum("month") };
}

function priceOf({ serverType, location }: Order, prices: Prices): Price {
  const price = prices.server(serverType, location);
  if (price) return price;
  throw new UserError(`the price of ${serverType} in ${location} is not known from ${prices.source}`, {
    remedy: "give a token by HCLOUD_TOKEN, so that Hetzner is asked",
  });
}

/** What is the same, and costs the same, once. */
function counted<T extends Price & { what: string }>(parts: readonly T[]): (T & { count: number })[] {
  const groups = new Map<string, T[]>();
  for (const part of parts) {
    const key = `${part.what} ${part.month}`;
    groups.set(key, [...(groups.get(key) ?? []), part]);
  }
  return [...groups.values()].flatMap((same) => same.slice(0, 1).map((one) => ({ ...one, count: same.length })));
}

/** Of a node that does nothing but runs, `parallel` of them at once. @param ms how long a run takes */
export function costOfRun({ hour }: Pick<Cost, "hour">, ms: number, parallel: number): number {
  return (hour * ms) / 3_600_000 / parallel;
}

/** In one line: `0.0112 EUR an hour, at most 6.99 a month, without tax`. */
export function costLine({ hour, month }: Price): string {
  return `${hour.toFixed(4)} EUR an hour, at most ${month.toFixed(2)} a month, without tax`;
}
