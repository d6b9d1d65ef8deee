import { backupPlan } from "../compose/backup-labels.ts";
import { plural } from "../lib/plural.ts";
import { backedUpPaths, type ResticOf } from "./backup.ts";
import { type CheckContext, CheckFailure, type CheckFunction } from "./check.ts";
import type { Restic } from "./restic.ts";
import { acceptsWrite, intact, type Seed } from "./seed.ts";

/** The seed is back after a restore; if it is not, what in the labels explains it. */
export function isBack(seed: Seed): CheckFunction {
  return explained(intact(seed), async ({ app }) => {
    const { preHooks, restorePreHooks, restorePostHooks } = backupPlan(app);
    if (preHooks.length === 0 || restorePreHooks.length + restorePostHooks.length > 0) return undefined;
    const makers = preHooks.map(({ label, service }) => `${label} of ${service}`).join(", ");
    return `what ${makers} writes is restored as a file, and nothing reads it back: the recipe has no backupbot.restore.post-hook`;
  });
}

/** The restored app takes writes; if it does not, whose the restored files are now. */
export function takesWrites(seed: Seed, resticOf: ResticOf): CheckFunction {
  return explained(acceptsWrite(seed), async (context) => {
    const changed = await changedOwners(resticOf(context), context);
    if (changed.length === 0) return undefined;
    const [first] = changed;
    const more = changed.length > 1 ? `, and ${plural(changed.length - 1, "other path")}` : "";
    return `${first?.path} belongs to ${first?.now} since the restore, and belonged to ${first?.before} when it was backed up${more}: a restore hook must give back what it writes to the user the app runs as`;
  });
}

interface ChangedOwner {
  path: string;
  before: string;
  now: string;
}

/** Files whose owner the snapshot has otherwise than the volume: changed by a hook, since restic restores owners. */
async function changedOwners(restic: Restic, context: CheckContext): Promise<ChangedOwner[]> {
  const paths = backedUpPaths(backupPlan(context.app));
  const listed = await restic.inHelper(["find", ...paths, "-exec", "stat", "-c", "%u:%g %n", "{}", "+"]);
  const owners = new Map(
    listed.split("\n").map((line) => {
      const space = line.indexOf(" ");
      return [line.slice(space + 1), line.slice(0, space)] as const;
    }),
  );
  return (await restic.list(context.run, [])).flatMap(({ path, uid, gid }) => {
    const [before, now] = [`${uid}:${gid}`, owners.get(path)];
    return now === undefined || now === before ? [] : [{ path, before, now }];
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
      throw new CheckFailure(`${error.message}\n${why}`, { details: error.details, blame: error.blame });
    }
  };
}
