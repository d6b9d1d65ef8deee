import { type BackupPlan, backupPlan } from "../../compose/labels/backup-labels.ts";
import { DeadlineError } from "../../lib/until.ts";
import type { CheckFunction } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import { hookNames } from "./hooks.ts";

/** Whether something of the recipe's own is done to the app for a backup. */
export function hasBackupHooks({ preHooks, postHooks }: BackupPlan): boolean {
  return preHooks.length + postHooks.length > 0;
}

/**
 * The app answers once its backup is made, as it did before.
 * @param answers what a healthy app answers
 * @throws CheckFailure that names the hooks: nothing else was done to the app meanwhile
 */
export function stillAnswers(answers: CheckFunction): CheckFunction {
  return async (context) => {
    try {
      return await answers(context);
    } catch (error) {
      const isJudged = error instanceof CheckFailure || error instanceof DeadlineError;
      if (!isJudged || error.owner !== "recipe") throw error;
      const { preHooks, postHooks } = backupPlan(context.app);
      const undone = postHooks.length > 0 ? "" : "; no backupbot.backup.post-hook takes back what was done";
      const cause = `the app answered before its backup and does not after it, which ran ${hookNames([...preHooks, ...postHooks])}${undone}`;
      throw new CheckFailure(`${cause}\n${error.message}`, {
        details: error instanceof CheckFailure ? error.details : undefined,
        owner: error.owner,
      });
    }
  };
}
