import { type Money, money } from "./money.ts";

export type Architecture = "x86" | "arm";

/** A kind of server that is or was on offer. */
export interface ServerType {
  id: number;
  name: string;
  description: string;
  cores: number;
  /** GB. */
  memory: number;
  disk: number;
  category: string;
  architecture: Architecture;
  cpu_type: "shared" | "dedicated";
  /** Where it is offered, with what it costs there. */
  offers: readonly Offer[];
  /** When it could last be ordered. */
  deprecation: Deprecation | null;
}

export interface Offer {
  location: string;
  hourly: Money;
  monthly: Money;
}

export interface Deprecation {
  announced: string;
  unavailable_after: string;
}

const EUROPE = ["fsn1", "nbg1", "hel1"];
const EVERYWHERE = [...EUROPE, "ash", "hil", "sin"];

/** Hours that a month is billed for at most. */
const MONTH_HOURS = 624;

/** Of a date before this program: nobody can order these any more. */
const GONE: Deprecation = { announced: "2025-10-16T06:00:00Z", unavailable_after: "2026-01-01T00:00:00Z" };

/** Sizes as they are sold. Their prices are made up: no test may rest on what Hetzner asks today. */
export const SERVER_TYPES: readonly ServerType[] = [
  x86(22, "cpx11", [2, 2, 40], EVERYWHERE, 0.007, GONE),
  x86(104, "cx22", [2, 4, 40], EUROPE, 0.006, GONE),
  x86(109, "cpx22", [2, 4, 80], EVERYWHERE, 0.0125),
  x86(110, "cpx32", [4, 8, 160], EVERYWHERE, 0.022),
  x86(111, "cpx42", [8, 16, 320], EVERYWHERE, 0.041),
  x86(114, "cx23", [2, 4, 40], EUROPE, 0.0064),
  x86(115, "cx33", [4, 8, 80], EUROPE, 0.0104),
  x86(116, "cx43", [8, 16, 160], EUROPE, 0.0184),
  x86(117, "cx53", [16, 32, 320], EUROPE, 0.036),
  arm(45, "cax11", [2, 4, 40], EUROPE, 0.0072),
  arm(93, "cax21", [4, 8, 80], EUROPE, 0.0128),
  arm(94, "cax31", [8, 16, 160], EUROPE, 0.0248),
  arm(95, "cax41", [16, 32, 320], EUROPE, 0.048),
  { ...x86(96, "ccx13", [2, 8, 80], EVERYWHERE, 0.024), category: "General Purpose", cpu_type: "dedicated" },
];

type Size = readonly [cores: number, memory: number, disk: number];

function x86(
  id: number,
  name: string,
  [cores, memory, disk]: Size,
  locations: readonly string[],
  hourly: number,
  deprecation: Deprecation | null = null,
): ServerType {
  return {
    id,
    name,
    description: name.toUpperCase(),
    cores,
    memory,
    disk,
    category: name.startsWith("cx") ? "Cost-Optimized" : "Regular Performance",
    architecture: "x86",
    cpu_type: "shared",
    offers: locations.map((location) => ({
      location,
      // Dearer overseas, so that a test sees which location's price was taken.
      hourly: money(EUROPE.includes(location) ? hourly : hourly * 1.25),
      monthly: money((EUROPE.includes(location) ? hourly : hourly * 1.25) * MONTH_HOURS),
    })),
    deprecation,
  };
}

function arm(id: number, name: string, size: Size, locations: readonly string[], hourly: number): ServerType {
  return { ...x86(id, name, size, locations, hourly), architecture: "arm" };
}
