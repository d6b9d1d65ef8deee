import { type Attempt, DeadlineError, type UntilOptions, until } from "../lib/until.ts";
import { CheckFailure } from "./check-failure.ts";

/**
 * Waits as {@link until} does, on behalf of a check: the deadline is a failure of it, owned by whom was waited for.
 *
 * @throws CheckFailure with the last reason when it does not hold in time
 */
export async function waitFor<T>(look: () => Promise<Attempt<T>>, options: UntilOptions): Promise<T> {
  try {
    return await until(look, options);
  } catch (error) {
    if (error instanceof DeadlineError) throw new CheckFailure(error.message, { owner: error.owner });
    throw error;
  }
}
