import { plural } from "../../lib/plural.ts";
import type { CheckFunction, ResticOf } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import { backUp } from "./backup.ts";

/** How often operators make a backup whose verification fails, until they take it for broken. */
export const MOST_BACKUPS = 3;

/** What a backup that was found wanting is made anew with. */
export interface RedoneArgs {
  resticOf: ResticOf;
  /** All that is asked of a snapshot: a new one must hold what an older one did. */
  looks: readonly CheckFunction[];
  /** Waits until every service stands: a hook finds nothing in a container that is being replaced. */
  settle: CheckFunction;
  /** What the first one was made with. */
  mayLose: Record<string, string> | undefined;
}

/**
 * A look at the newest snapshot. Where that lacks something, the backup is made anew, {@link MOST_BACKUPS} times in all:
 * backup-bot-two passes over a service that is not there in the moment in which it looks, and its operators make it
 * again. That it held on repetition only is part of what is told.
 */
export function orRedone(look: CheckFunction, { resticOf, looks, settle, mayLose }: RedoneArgs): CheckFunction {
  return async (context) => {
    const said: string[] = [];
    let others: readonly CheckFunction[] = [];
    for (;;) {
      try {
        for (const other of others) await other(context);
        const seen = await look(context);
        if (said.length === 0) return seen;
        const summary = `${seen.summary}; the backup had to be made ${plural(said.length, "time")} more`;
        return { ...seen, summary, repeated: said };
      } catch (error) {
        if (!(error instanceof CheckFailure) || error.owner !== "recipe") throw error;
        const restic = resticOf(context);
        const made = await restic.count(context.run);
        if (made >= MOST_BACKUPS) throw redoneInVain(error, made);
        said.push(error.message);
        await settle(context);
        await backUp(context, restic, mayLose);
        others = looks.filter((one) => one !== look);
      }
    }
  };
}

function redoneInVain(error: CheckFailure, made: number): CheckFailure {
  const message = `${error.message}\nso it is after the backup was made ${plural(made, "time")}`;
  return new CheckFailure(message, { owner: error.owner, details: error.details });
}
