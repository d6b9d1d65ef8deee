import { BOOTING } from "./booting.ts";
import { BUSY } from "./busy.ts";
import type { Fault } from "./fault.ts";
import { REFUSED } from "./refused.ts";

/** One of each kind, for every change. */
export const SAMPLE: readonly Fault[] = REFUSED.filter(({ doing }) => doing === "reap");

/** All of them, for `npm run proof`. */
export const FAULTS: readonly Fault[] = [...REFUSED, ...BUSY, ...BOOTING];
