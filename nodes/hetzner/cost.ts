import { UserError } from "../../lib/errors.ts";
import { MONTH_HOURS, type Price, type Prices } from "./prices.ts";

/** What a node is made of, as far as it costs. */
export interface CostingNode {
  serverType: string;
  location: string;
  /** Servers beside the first one. */
  workers: number;
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
export function costOf({ serverType, location, workers, volumeGB }: CostingNode, prices: Prices): Cost {
  const server = prices.server(serverType, location);
  if (!server)
    throw new UserError(`the price of ${serverType} in ${location} is not known from ${prices.source}`, {
      remedy: "give a token by HCLOUD_TOKEN, so that Hetzner is asked",
    });
  const count = workers + 1;
  const month = (volumeGB ?? 0) * prices.volumeGB;
  const parts = [
    { what: `server ${serverType} in ${location}`, count, ...server },
    { what: "IPv4 address", count, ...prices.ipv4(location) },
    ...(volumeGB === undefined ? [] : [{ what: `volume of ${volumeGB} GB`, count, hour: month / MONTH_HOURS, month }]),
  ];
  // Sums of fractions of cents have tails.
  const sum = (key: keyof Price) => Number(parts.reduce((all, part) => all + part.count * part[key], 0).toFixed(6));
  return { parts, hour: sum("hour"), month: sum("month") };
}

/** Of a node that does nothing but runs, `parallel` of them at once. @param ms how long a run takes */
export function costOfRun({ hour }: Pick<Cost, "hour">, ms: number, parallel: number): number {
  return (hour * ms) / 3_600_000 / parallel;
}

/** In one line: `0.0112 EUR an hour, at most 6.99 a month, without tax`. */
export function costLine({ hour, month }: Price): string {
  return `${hour.toFixed(4)} EUR an hour, at most ${month.toFixed(2)} a month, without tax`;
}
