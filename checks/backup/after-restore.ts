import { backupPlan } from "../../compose/labels/backup-labels.ts";
import { plural } from "../../lib/plural.ts";
import type { CheckContext, CheckFunction, ResticOf } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import { acceptsWrite, intact, type Seed } from "../seeds/seed.ts";
import { changedOwners, ownerOf } from "../volumes/owners.ts";
import { hasRestoreHooks, unreadDump } from "./disaster.ts";

/** The seed is back after a restore; if it is not, what in the labels explains it. */
export function isBack(seed: Seed): CheckFunction {
  return explained(intact(seed), async ({ app }) => {
    const plan = backupPlan(app);
    if (plan.preHooks.length === 0 || hasRestoreHooks(plan)) return undefined;
    return unreadDump(plan);
  });
}

/** The restored app takes writes; if it does not, whose the restored files are now. */
export function takesWrites(seed: Seed, resticOf: ResticOf): CheckFunction {
  return explained(acceptsWrite(seed), async (context) => {
    const changed = await changedOwners(context.app, resticOf(context));
    const [first] = changed;
    if (!first) return undefined;
    const more = changed.length > 1 ? `, and ${plural(changed.length - 1, "other path")}` : "";
    return `${first.path} belongs to ${ownerOf(first.now)} since the restore, and belonged to ${ownerOf(first.before)} before${more}: a restore hook must give back what it writes to the user the app runs as`;
  });
}

// A failure keeps its own words; what explains it comes after. No explanation is better than another failure.
function explained(
  check: CheckFunction,
  explain: (context: CheckContext) => Promise<string | undefined>,
): CheckFunction {
  return async (context) => {
    try {
      return await check(context);
    } catch (error) {
      if (!(error instanceof CheckFailure)) throw error;
      const why = await explain(context).catch(() => undefined);
      if (why === undefined) throw error;
      throw new CheckFailure(`${error.message}\n${why}`, { details: error.details, owner: error.owner });
    }
  };
}
