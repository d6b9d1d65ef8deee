import type { AppSpec } from "../../compose/app-spec.ts";
import { type BackupPlan, backupPlan } from "../../compose/labels/backup-labels.ts";
import { plural } from "../../lib/plural.ts";
import { type Standstill, startServices, stopServices } from "../../swarm/standstill.ts";
import type { CheckContext, CheckFunction, ResticOf } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import type { Seed } from "../seeds/seed.ts";
import { lostFolders, lostVolumes } from "../volumes/lost-volumes.ts";
import { KEEP_OWNERS, keepOwners } from "../volumes/owners.ts";
import { pastFirstStart } from "./first-start.ts";
import { dumpsMade } from "./hook-output.ts";
import { hookNames, runHooks } from "./hooks.ts";
import { readsDumps } from "./read-dumps.ts";

/**
 * What the loss of a server is to an app: all containers end at once, and every volume is gone; what is found later can
 * only come from the backup.
 *
 * @param then `starts` deploys the app anew, on empty volumes; `stands still` leaves it to the restore to start it
 */
export function losesServer(seeds: Seed[], resticOf: ResticOf, then: "starts" | "stands still"): CheckFunction {
  return async (context) => {
    const volumes = lostVolumes(context.app).map(({ key }) => key);
    const destroy = async () => {
      await empty(context.app, resticOf, context);
      for (const seed of seeds) await seed.destroy?.(context);
    };
    if (then === "starts") await whileStopped(context, "lost", destroy);
    else {
      await stopServices(standstillOf(context), "lost");
      await destroy();
    }
    return {
      summary: `emptied ${plural(volumes.length, "volume")} of the app, which ${then === "starts" ? "starts anew" : then}: ${volumes.join(", ")}`,
      details: { volumes },
    };
  };
}

/** What operators have to do once hooks have restored an app, which it does not do itself. */
export type AfterRestore = "restart";

/**
 * The snapshot is restored as the labels say; every hook must succeed.
 *
 * backup-bot-two puts files back under a running app. Who writes hooks counts on that; a recipe without one leaves it
 * to operators to see that the app reads what came back, and the sure way is to put it back while the app is stopped.
 *
 * @param from the app that the backup was made of. Default: the one it is restored to
 */
export function restores(resticOf: ResticOf, then?: AfterRestore, from?: AppSpec): CheckFunction {
  return async (context) => {
    const plan = backupPlan(context.app);
    const restic = resticOf(context);
    const made = from ?? context.app;
    const madeDumps = () => dumpsMade(backupPlan(made), resticOf({ ...context, app: made }));
    if (!hasRestoreHooks(plan)) {
      let snapshot = "";
      await whileStopped(context, "stopped", async () => {
        snapshot = await restic.restore(context.run);
      });
      const unread = await madeDumps();
      if (unread.length > 0) throw new CheckFailure(`${unread.join(", ")}: ${unreadDump(plan)}`);
      return { summary: `restored snapshot ${snapshot} while the app was stopped, since no restore hook needs it` };
    }
    await pastFirstStart(context, [...plan.restorePreHooks, ...plan.restorePostHooks]);
    await runHooks(context, plan.restorePreHooks);
    const snapshot = await restic.restore(context.run);
    const after = () => runHooks(context, plan.restorePostHooks);
    // What a restart has the app do nobody knows.
    const dumps = then ? [] : await madeDumps();
    await readsDumps(context.app, restic, dumps, after);
    const summary = `restored snapshot ${snapshot} while the app ran, and ran its restore hooks`;
    if (then !== "restart") return { summary };
    await whileStopped(context, "stopped", async () => undefined);
    return { summary: `${summary}; restarted the app, as ci.ts has it` };
  };
}

/**
 * The app is stopped and started as it is, as a node's next boot does: what goes well on empty volumes, or once, may
 * refuse what it finds the second time.
 *
 * @param stands that it has come to rest again, and answers
 */
export function startsAgain(stands: readonly CheckFunction[]): CheckFunction {
  return async (context) => {
    await whileStopped(context, "stopped", async () => undefined);
    try {
      const seen = [];
      for (const one of stands) seen.push(await one(context));
      return { summary: seen.map(({ summary }) => summary).join("; "), containerMs: seen[0]?.containerMs };
    } catch (error) {
      if (!(error instanceof CheckFailure) || error.owner !== "recipe") throw error;
      const message = `on the data of its own first start it does not start a second time: ${error.message}`;
      throw new CheckFailure(message, { details: error.details, owner: error.owner });
    }
  };
}

/** What becomes of a dump that no restore hook reads. */
export function unreadDump({ preHooks }: BackupPlan): string {
  return `what ${hookNames(preHooks)} writes is restored as a file, and nothing reads it back: the recipe has no backupbot.restore.post-hook`;
}

// As a new volume is: nothing in it, and root's, until the image's own files are copied into it. Whose each file was is
// kept, for what a restore may change.
const EMPTY = `${KEEP_OWNERS} &&
find "$@" -mindepth 1 -delete && chown 0:0 "$@" && chmod 755 "$@"`;

async function empty(app: AppSpec, resticOf: ResticOf, context: CheckContext): Promise<void> {
  const folders = lostFolders(app);
  if (folders.length > 0) await resticOf(context).inHelper(["sh", "-c", EMPTY, "sh", ...folders]);
}

/** Whether something of the recipe's own is done at a restore, for which the app must run. */
export function hasRestoreHooks({ restorePreHooks, restorePostHooks }: BackupPlan): boolean {
  return restorePreHooks.length + restorePostHooks.length > 0;
}

/** {@link restores} in an app on a new server, which has nothing of the old one but the repository. */
export function restoresElsewhere(resticOf: ResticOf, from: AppSpec, then?: AfterRestore): CheckFunction {
  const restore = restores(resticOf, then, from);
  return async (context) => {
    const restic = resticOf(context);
    await restic.takeRepository(resticOf({ ...context, app: from }));
    await keepOwners(context.app, restic);
    return restore(context);
  };
}

/**
 * Does something while no task of the app runs, and starts the app again come what may. The replicas are the recipe's
 * own, so that a run that was killed in between does not take none for their number.
 */
async function whileStopped(context: CheckContext, how: "lost" | "stopped", work: () => Promise<void>): Promise<void> {
  const { app } = context;
  const still = standstillOf(context);
  const replicas = new Map<string, number>();
  try {
    for (const [name, count] of await stopServices(still, how)) if (count > 0) replicas.set(name, count);
    await work();
  } finally {
    for (const { name, mode } of app.services) if (mode.kind === "replicated") replicas.set(name, mode.replicas);
    await startServices(still, replicas, how === "lost" ? "again" : undefined);
  }
}

function standstillOf({ swarm, app, signal }: CheckContext): Standstill {
  return { swarm, namespace: app.namespace, signal };
}
