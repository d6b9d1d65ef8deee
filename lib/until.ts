import { type Clock, systemClock } from "./clock.ts";
import { type Duration, humanize, milliseconds } from "./duration.ts";
import type { Owner } from "./owner.ts";

/** What one look at a condition found: done with a value, or not yet and why. */
export type Attempt<T> = { done: true; value: T } | { done: false; reason: string };

/** The deadline passed before the condition held; carries the last reason seen. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
  readonly lastReason: string;
  readonly owner: Owner;

  constructor(what: string, ms: number, lastReason: string, owner: Owner) {
    super(`${what}: not within ${humanize(ms)}; last seen: ${lastReason}`);
    this.lastReason = lastReason;
    this.owner = owner;
  }
}

export interface UntilOptions {
  /** What is waited for, as a noun phrase for the error. */
  what: string;
  deadline: Duration;
  /** Who is too slow when it passes. Default `infra`: most waits are for the machinery. */
  owner?: Owner;
  /** Pause between two looks. Default 200 ms. */
  every?: Duration;
  signal?: AbortSignal;
  clock?: Clock;
}

/**
 * Looks at a condition until it holds. An error thrown by `look` ends the wait at once: throw for what
 * can't mend itself, return `done: false` for what may.
 */
export async function until<T>(look: () => Promise<Attempt<T>>, options: UntilOptions): Promise<T> {
  const clock = options.clock ?? systemClock;
  const limit = milliseconds(options.deadline);
  const pause = milliseconds(options.every ?? "200 ms");
  const start = clock.now();
  for (;;) {
    options.signal?.throwIfAborted();
    const attempt = await look();
    if (attempt.done) return attempt.value;
    if (clock.now() - start >= limit)
      throw new DeadlineError(options.what, limit, attempt.reason, options.owner ?? "infra");
    await clock.sleep(pause, options.signal);
  }
}
