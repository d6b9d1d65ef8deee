import type { AppSpec } from "../../compose/app-spec.ts";
import { hasContainers } from "../../compose/convert/lasting.ts";
import { backupPlan } from "../../compose/labels/backup-labels.ts";
import { databaseGaps, databaseServices } from "../../compose/labels/databases.ts";
import type { CheckContext, CheckFunction, ResticOf } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import type { Restic } from "../restic.ts";
import { type Seed, seedValue } from "../seeds/seed.ts";
import { backedUpPaths, includedVolumes } from "../volumes/backed-up.ts";
import { besidePaths } from "../volumes/beside-paths.ts";
import { noteContents, noteFewer, type Seen } from "../volumes/contents.ts";
import { backupLeaves } from "../volumes/keeps-contents.ts";
import { keptOnNode } from "../volumes/kept-on-node.ts";
import { leftOut } from "../volumes/left-out.ts";
import { appendedDumps } from "./appended-dumps.ts";
import { watchRows } from "./dumped-rows.ts";
import { assertDumpsMade } from "./dumps.ts";
import { writesIntoBackup } from "./hook-output.ts";
import { hookNames, runHooks } from "./hooks.ts";

/**
 * The recipe says what to back up: labels are there, they name something that exists, leave out nothing that
 * operators need, and begin each dump anew.
 */
export function backupIsDeclared(mayLose: Record<string, string> = {}): CheckFunction {
  return async (context) => {
    const plan = backupPlan(context.app);
    const nowhere = hooksWithoutContainer(context.app);
    const kept = keptOnNode(context.app, mayLose);
    if (nowhere.length + kept.length > 0) throw new CheckFailure([...nowhere, ...kept].join("\n"));
    if (plan.problem) {
      throw new CheckFailure(plan.reason ?? plan.problem, {
        details: { volumes: plan.volumes, warnings: plan.warnings },
      });
    }
    const lost = [...leftOut(context.app, mayLose), ...appendedDumps(plan)];
    if (lost.length > 0) throw new CheckFailure(lost.join("\n"), { details: { volumes: plan.volumes } });
    const volumes = includedVolumes(plan);
    return {
      summary: `${volumes.map((volume) => volume.key).join(", ")}; ${plan.preHooks.length} pre-hooks`,
      details: { volumes, warnings: plan.warnings },
    };
  };
}

/** Hooks of services that have no container in which backup-bot-two could run them, a sentence each. */
export function hooksWithoutContainer(app: AppSpec): string[] {
  const { preHooks, postHooks, restorePreHooks, restorePostHooks } = backupPlan(app);
  return [...preHooks, ...postHooks, ...restorePreHooks, ...restorePostHooks]
    .filter(({ service }) => app.services.some((one) => one.key === service && !hasContainers(one)))
    .map(
      (hook) =>
        `${hookNames([hook])} can't run: the service has no container that stays (a job, or 0 replicas), and backup-bot-two runs hooks in a running one`,
    );
}

/**
 * What databases hold is in the backup as a dump, and comes back from it. Their files, copied while they run, may be
 * worthless, and a running database does not look at files that are put back under it: a gap is a defect even where a
 * restore happens to go well.
 */
export function coversDatabases(mayLose: Record<string, string> = {}): CheckFunction {
  return async ({ app }) => {
    const gaps = databaseGaps(app, mayLose);
    if (gaps.length > 0) {
      const remedy =
        "Dump it in backupbot.backup.pre-hook, name the file in backupbot.backup.volumes.<volume>.path, read it in backupbot.restore.post-hook";
      throw new CheckFailure(
        `${gaps.join("\n")}\n${remedy}; where nothing of it must last: mayLose in the recipe's ci.ts`,
      );
    }
    return {
      summary: databaseServices(app, mayLose)
        .map(({ key }) => key)
        .join(", "),
    };
  };
}

/** The run's own repository is there. */
export function repositoryIsReady(resticOf: ResticOf): CheckFunction {
  return async (context) => {
    await resticOf(context).init();
    return { summary: "made" };
  };
}

/** A snapshot is made as the labels say; every hook must succeed, not just be logged. */
export function makesSnapshot(resticOf: ResticOf, mayLose: Record<string, string> = {}): CheckFunction {
  return async (context) => {
    const plan = backupPlan(context.app);
    const restic = resticOf(context);
    await restic.init();
    const [beside] = await Promise.all([
      besidePaths(context, plan, restic, mayLose),
      noteContents(context, restic, "backup", mayLose),
    ]);
    const watching = (dump: () => Promise<void>) => writesIntoBackup(context, plan, restic, dump);
    const { seen, ...summary } = await backUp(context, restic, mayLose, watching);
    if (beside.length > 0) throw new CheckFailure(beside.join("\n"));
    // What hooks before a backup have taken away, those after it may bring back, or take more.
    const last = plan.postHooks.length === 0 ? seen : undefined;
    if (plan.preHooks.length > 0) await backupLeaves(resticOf, mayLose, last)(context);
    if (seen) await noteFewer(restic, seen);
    return {
      summary: `snapshot ${summary.snapshot.slice(0, 8)}: ${summary.files} files, ${summary.bytes} bytes`,
      details: { ...summary, paths: backedUpPaths(plan) },
    };
  };
}

/**
 * Makes a snapshot as the labels say, in the order in which backup-bot-two goes about it.
 * @param mayLose as {@link backupIsDeclared} has it
 * @param watching makes the dumps, and sees what becomes of them. Default: they are made
 * @returns what restic says of it, and what was seen of the app once its dumps were made
 */
export async function backUp(
  context: CheckContext,
  restic: Restic,
  mayLose: Record<string, string> | undefined,
  watching: (dump: () => Promise<void>) => Promise<void> = (dump) => dump(),
) {
  const plan = backupPlan(context.app);
  let seen: Seen | undefined;
  await watching(async () => {
    const compare = await watchRows(context, plan, restic, mayLose);
    await runHooks(context, plan.preHooks);
    await assertDumpsMade(plan, restic);
    seen = await compare();
  });
  const summary = await restic.backup(backedUpPaths(plan), context.run);
  await runHooks(context, plan.postHooks);
  return { ...summary, seen };
}

/** The snapshot holds the seed, read from the snapshot itself. */
export function snapshotHolds(seed: Seed, resticOf: ResticOf): CheckFunction {
  return async (context) => {
    const place = seed.snapshotPlace?.(context.app);
    if (!place) return { summary: `seed ${seed.name} can't be looked up in a snapshot; the restore will show it` };
    const value = seedValue(seed, context.nonce);
    const held = await resticOf(context).holds(context.run, place.path, value);
    if (held === undefined) throw new CheckFailure(`the snapshot has no ${place.path}`);
    if (!held) throw new CheckFailure(`${place.path} in the snapshot does not contain ${value}`);
    return { summary: `${place.path} holds ${value}`, details: { path: place.path } };
  };
}
