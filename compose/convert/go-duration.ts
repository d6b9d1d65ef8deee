import { UserError } from "../../lib/errors.ts";

const UNITS: Record<string, number> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/**
 * Nanoseconds of a duration as Go writes it: `1m30s`, `1.5s`, `0s`.
 * @throws RangeError for anything else
 */
export function nanoseconds(text: string): number {
  if (text === "0") return 0;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join("") !== text) {
    throw new RangeError(`not a duration: "${text}"`);
  }
  return parts.reduce((sum, [, amount, unit = ""]) => sum + Math.round(Number(amount) * (UNITS[unit] ?? 0)), 0);
}

/**
 * Like {@link nanoseconds}, undefined staying undefined.
 * @throws UserError for what docker/cli lets through and Swarm has no use for, such as a negative one
 */
export function duration(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  try {
    return nanoseconds(text);
  } catch (error) {
    throw new UserError(`"${text}" is no length of time`, { remedy: "write e.g. 90s or 1m30s", cause: error });
  }
}
