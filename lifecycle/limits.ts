import type { Duration } from "../lib/duration.ts";

/**
 * The longest each kind of work may take as a whole. Checks have limits of their own, far below these: these end
 * what hangs where no check looks, e.g. a provider that waits for an engine that is gone.
 */
export const LIMITS = {
  /** Lint of head; it goes on beside the phases, and a run that is over sooner waits for it. */
  lint: "60 s",
  /** One `up`: a phase with all its checks. */
  up: "60 min",
  /** One attempt at `destroy`. */
  destroy: "5 min",
  /** Both attempts, and the removal without the engine. */
  teardown: "20 min",
} as const satisfies Record<string, Duration>;
