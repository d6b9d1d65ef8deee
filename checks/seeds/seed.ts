import type { AppSpec } from "../../compose/app-spec.ts";
import { systemClock } from "../../lib/clock.ts";
import { type Duration, humanize, milliseconds } from "../../lib/duration.ts";
import { messageOf } from "../../lib/errors.ts";
import { isMistake, namedOwner } from "../../lib/owner.ts";
import type { Attempt } from "../../lib/until.ts";
import type { CheckContext, CheckFunction } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import { waitFor } from "../wait-for.ts";

/** Where a seed lies once it is backed up: a file below the archive's root, and the text it must contain. */
export interface SnapshotPlace {
  path: string;
}

/** A path in the containers of a service, given by its key. */
export interface SeedPlace {
  service: string;
  path: string;
}

/**
 * Data written before an upgrade or a backup and looked for afterwards. It lives where the app's real data lives,
 * and `read` goes the way a user's read would.
 */
export interface Seed {
  /** Short, for check names: `file`, `row`. */
  name: string;
  /** Writes the value; overwrites an older one. Throws when the app does not take it. */
  write(context: CheckContext, value: string): Promise<void>;
  /** The value as the app has it now; undefined when it is gone. */
  read(context: CheckContext): Promise<string | undefined>;
  /**
   * Destroys data that does not lie in the app's own volumes, which are emptied anyway. Called while the app is
   * stopped. Default: there is none.
   */
  destroy?(context: CheckContext): Promise<void>;
  /** Whether the data is gone, for an app that answers with an error then. Default: `read` gives undefined. */
  destroyed?(context: CheckContext): Promise<boolean>;
  /** Where it lies in the running app, by what the definition names. Default: not known. */
  place?: SeedPlace;
  /** Where the value must be found in a snapshot. Undefined: only the restore shows it. */
  snapshotPlace?(app: AppSpec): SnapshotPlace | undefined;
}

/** The value a seed carries through a run. */
export function seedValue(seed: Seed, nonce: string): string {
  return `seed-${seed.name}-${nonce}`;
}

/** Writes the seed and reads it back. */
export function plant(seed: Seed): CheckFunction {
  return async (context) => {
    const value = seedValue(seed, context.nonce);
    await seed.write(context, value);
    await expectValue(seed, context, value, "10 s");
    return { summary: `wrote and read back ${value}` };
  };
}

/** The seed planted before is still there, exactly. */
export function intact(seed: Seed): CheckFunction {
  return async (context) => {
    const value = seedValue(seed, context.nonce);
    await expectValue(seed, context, value, "10 s");
    return { summary: `${value} is still there` };
  };
}

/**
 * The seed is gone: what comes back later must come from the backup. An app may need a moment to answer; one that goes
 * on answering with an error says nothing of its data.
 */
export function gone(seed: Seed): CheckFunction {
  return async (context) => {
    const last: { error?: unknown } = {};
    try {
      await seen(() => lookFor(seed, context, last), `seed ${seed.name} destroyed`, "15 s", context);
    } catch (error) {
      // A seed that breaks may do so for a moment only; one that goes on is whose it is.
      throw last.error !== undefined && namedOwner(last.error) !== "recipe" ? last.error : error;
    }
    return { summary: `seed ${seed.name} can't be read any more` };
  };
}

async function lookFor(seed: Seed, context: CheckContext, last: { error?: unknown }): Promise<Attempt<undefined>> {
  last.error = undefined;
  try {
    if (seed.destroyed)
      return (await seed.destroyed(context))
        ? { done: true, value: undefined }
        : { done: false, reason: "it says that it is still there" };
    const found = await seed.read(context);
    if (found === undefined) return { done: true, value: undefined };
    return { done: false, reason: `still reads "${found.slice(0, 200)}"` };
  } catch (error) {
    context.signal.throwIfAborted();
    const owner = namedOwner(error);
    if (owner === "infra" || (owner === undefined && isMistake(error))) throw error;
    if (owner) last.error = error;
    const reason = "an error does not say that it is gone; a seed's destroyed() can tell";
    return { done: false, reason: `${messageOf(error).slice(0, 500)} (${reason})` };
  }
}

/**
 * The app takes writes, not only reads: a value never written before is accepted and read back. An app may need a
 * moment after a restore, so failures are retried for a bounded time, each counted.
 */
export function acceptsWrite(seed: Seed, within: Duration = "30 s"): CheckFunction {
  return async (context) => {
    const limit = milliseconds(within);
    const clock = context.clock ?? systemClock;
    const start = clock.now();
    for (let attempt = 1; ; attempt++) {
      const value = `write-${seed.name}-${context.nonce}-${attempt}`;
      try {
        await seed.write(context, value);
        await expectValue(seed, context, value, "3 s");
        return { summary: `write ${attempt} accepted and read back`, details: { attempts: attempt } };
      } catch (error) {
        context.signal.throwIfAborted();
        // A mistake in code does not mend itself.
        if (isMistake(error)) throw error;
        const spent = clock.now() - start;
        if (spent >= limit) {
          throw new CheckFailure(
            `no write accepted in ${attempt} attempts over ${humanize(spent)}: ${messageOf(error)}`,
            {
              owner: namedOwner(error),
            },
          );
        }
        await clock.sleep(200, context.signal);
      }
    }
  };
}

async function expectValue(seed: Seed, context: CheckContext, value: string, deadline: Duration): Promise<void> {
  const look = async (): Promise<Attempt<undefined>> => {
    const found = await seed.read(context);
    if (found?.trim() === value) return { done: true, value: undefined };
    return { done: false, reason: found === undefined ? "it is gone" : `it reads "${found.slice(0, 200)}"` };
  };
  await seen(look, `seed ${seed.name} reads "${value}"`, deadline, context);
}

/** Looks until it holds. @throws CheckFailure with the last reason when it does not in time */
async function seen(
  look: () => Promise<Attempt<undefined>>,
  what: string,
  deadline: Duration,
  { signal, clock }: CheckContext,
): Promise<void> {
  // What is waited for in a look, such as our own probe, may be another's.
  await waitFor(look, { what, deadline, owner: "recipe", signal, clock });
}
