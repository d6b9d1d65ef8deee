import { basename } from "node:path";
import type { AppSpec } from "../../compose/app-spec.ts";
import type { BackupPlan } from "../../compose/labels/backup-labels.ts";
import { some } from "../../lib/plural.ts";
import { writtenBelow } from "../../swarm/container-insides.ts";
import type { CheckContext } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import { runningContainer } from "../container.ts";
import { namedService } from "../named-service.ts";
import type { Restic } from "../restic.ts";
import { backedUpPaths, labelledPaths } from "../volumes/backed-up.ts";
import { lostFolders } from "../volumes/lost-volumes.ts";
import { hookNames } from "./hooks.ts";

/** What dumps are called: a hook may also write a log, a lock or a cache, which is no loss. */
const DUMP = /dump|backup|\.(sql|sqlite3?|db|rdb|bak|ldif|json|tar|tgz|zip|gz|bz2|xz|zst)$/i;
/** A file whose time says when hooks began, and which has the paths that were there then. */
export const BEGAN = "/recipe-ci-hooks-began";

/**
 * Runs the hooks before a backup, and sees that what they write is in it: a dump beside every volume, or in one that is
 * left out, is made in vain. Hooks that write nothing, or write into the backup as well, are as they should be.
 *
 * @throws CheckFailure that names the files
 */
export async function writesIntoBackup(
  context: CheckContext,
  plan: BackupPlan,
  restic: Restic,
  run: () => Promise<void>,
): Promise<void> {
  if (plan.preHooks.length === 0) return run();
  await noteBeginning(plan, restic);
  const before = new Set(await inLayers(context, plan));
  await run();
  const folders = backedUpPaths(plan);
  if ((await newFiles(restic, folders)).length > 0) return;
  const layers = (await inLayers(context, plan)).filter((path) => !before.has(path));
  const beside = (await newFiles(restic, lostFolders(context.app))).map((path) => spoken(context.app, path));
  const written = [...layers, ...beside].filter((path) => DUMP.test(basename(path)));
  if (written.length === 0) return;
  throw new CheckFailure(
    `${hookNames(plan.preHooks)} succeeded, and wrote ${some(written)}: no backup holds that, and nothing else that is in the backup changed. A dump must lie in a volume that is backed up`,
    { details: { written } },
  );
}

// Written down before the hooks run: what labels name and is there already is the app's own.
async function noteBeginning(plan: BackupPlan, restic: Restic): Promise<void> {
  const script = `: > ${BEGAN}; for f; do if test -e "$f"; then printf "%s\\n" "$f" >> ${BEGAN}; fi; done; touch ${BEGAN}`;
  await restic.inHelper(["sh", "-c", script, "sh", ...labelledPaths(plan).map(({ place }) => place)]);
}

/** Paths that labels name and that were not there before the hooks ran: dumps, which come back as files and no more. */
export async function dumpsMade(plan: BackupPlan, restic: Restic): Promise<string[]> {
  const paths = labelledPaths(plan);
  if (plan.preHooks.length === 0 || paths.length === 0) return [];
  const before = (await restic.inHelper(["cat", BEGAN])).split("\n");
  return paths.filter(({ place }) => !before.includes(place)).map(({ path }) => path);
}

/** Files that the hooks' containers have in file systems of their own, as `service:path`. */
async function inLayers(context: CheckContext, plan: BackupPlan): Promise<string[]> {
  const keys = [...new Set(plan.preHooks.map(({ service }) => service))];
  const files = await Promise.all(
    keys.map(async (key) => {
      const { name } = namedService(context.app, key);
      const container = await runningContainer(context.swarm, name, "recipe", context.signal);
      return (await writtenBelow(container, "")).map((path) => `${key}:${path}`);
    }),
  );
  return files.flat();
}

async function newFiles(restic: Restic, folders: readonly string[]): Promise<string[]> {
  if (folders.length === 0) return [];
  const script = `for f; do test -e "$f" && find "$f" -xdev -type f -newer ${BEGAN}; done | head -n 100`;
  return (await restic.inHelper(["sh", "-c", script, "sh", ...folders])).split("\n").filter(Boolean);
}

function spoken(app: AppSpec, path: string): string {
  const volume = app.volumes.find(({ name }) => path.includes(`/volumes/${name}/_data/`));
  return volume ? `volume ${volume.key}:/${path.split("/_data/")[1]}` : path;
}
