import { type Attempt, DeadlineError, type UntilOptions, until } from "../lib/until.ts";
import { CheckFailure } from "./check-failure.ts";

/**
 * Waits as {@link until} does, on behalf of a check: the deadline is a failure of it, owned by whom was waited for.
 *
 * @param why first line of that failure. Default: what was waited for, and the last reason, which else come after it
 * @throws CheckFailure with the last reason when it does not hold in time
 */
export async function waitFor<T>(look: () => Promise<Attempt<T>>, options: UntilOptions, why?: string): Promise<T> {
  try {
    return await until(look, options);
  } catch (error) {
    if (!(error instanceof DeadlineError)) throw error;
    throw new CheckFailure(why === undefined ? error.message : `${why}\n${error.message}`, { owner: error.owner });
  }
}
