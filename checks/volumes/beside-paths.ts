import type { AppSpec } from "../../compose/app-spec.ts";
import { type BackupPlan, type BackupVolume, backupPlan } from "../../compose/labels/backup-labels.ts";
import { isServer } from "../../compose/labels/databases.ts";
import { some } from "../../lib/plural.ts";
import type { CheckContext } from "../check.ts";
import type { Restic } from "../restic.ts";
import { archiveFolder, MARKER } from "./archive-folder.ts";
import { labelledPaths } from "./backed-up.ts";
import { within } from "./keeps-volumes.ts";
import { hooksSeeing, mayBeElsewhere, placesOf, takesNoFiles } from "./left-out.ts";
import { isMadeAgain, isPassing } from "./lost-volumes.ts";
import { madeAt } from "./made-at.ts";

/** What programs write for the moment. */
const MOMENTARY = /\.(pid|lock|lck|log|sock|socket|tmp|swp|part)$/i;
const SQLITE = /\.(db|db3|sqlite|sqlite3)(-wal|-shm|-journal)?$/i;
const OF_SQLITE = /-(wal|journal)$/;

// What a link leads to, where a label names one, another check asks. Lines begin with a slash, whatever names hold.
const FIND = `root="$1"; since="$2"; name="$3"; shift 3
for path; do test ! -L "$path" || exit 0; done
find "$root" -xdev -type f -size +0c ! -name "$name" -newermt "@$since" -print | grep "^/" | head -n 5000`;

/**
 * What the app wrote into volumes that labels narrow to some paths, beside those: a sentence for each volume. It is to
 * be asked before hooks run, which write there as well. What comes with the image, what is made again by its name, and
 * what a hook may have put elsewhere is no loss.
 *
 * @param mayLose reasons, by key of a volume or service, why nothing of it is needed
 */
export async function besidePaths(
  context: CheckContext,
  plan: BackupPlan,
  restic: Restic,
  mayLose: Record<string, string> = {},
): Promise<string[]> {
  const { app } = context;
  const found: string[] = [];
  for (const { key, volume, paths = [] } of narrowedVolumes(app, mayLose)) {
    const [writer] = placesOf(app, key);
    const service = app.services.find((one) => one.key === writer?.service);
    if (!service) continue;
    const root = archiveFolder(volume);
    const places = labelledPaths(plan).filter((one) => one.volume === key);
    const held = places.map(({ place }) => place);
    const since = String(await madeAt(context, service));
    const listing = await restic.inHelper(["sh", "-c", FIND, "sh", root, since, MARKER, ...held]);
    const files = listing.split("\n").filter((path) => within(path, root) && !held.some((one) => within(path, one)));
    const lost = files.map((path) => path.slice(root.length + 1)).filter(isKept(app, plan, key));
    if (lost.length > 0) found.push(sentence({ key, paths, service: service.key, lost }));
  }
  return found;
}

/** Volumes that labels narrow to paths, in which services that are no databases keep files. */
export function narrowedVolumes(app: AppSpec, mayLose: Record<string, string> = {}): BackupVolume[] {
  const plan = backupPlan(app);
  return plan.volumes.filter(({ key, volume, paths, excluded }) => {
    if (!paths || excluded || key in mayLose || isMadeAgain(key) || mayBeElsewhere(app, plan, key)) return false;
    const sees = app.services.filter(({ mounts }) => mounts.some(({ source }) => source === volume));
    return sees.every((service) => !isServer(service) && !(service.key in mayLose));
  });
}

/** Whether a file, by its path in a volume, must last: what a hook takes the rows of, that is in its dump. */
export function isKept(app: AppSpec, plan: BackupPlan, key: string): (path: string) => boolean {
  const dumped = hooksSeeing(app, plan, key).some(takesNoFiles);
  return (path) => {
    if (MOMENTARY.test(path) || (dumped && SQLITE.test(path))) return false;
    return !path.split("/").some(isPassing);
  };
}

interface Beside {
  key: string;
  paths: readonly string[];
  service: string;
  lost: readonly string[];
}

function sentence({ key, paths, service, lost }: Beside): string {
  const label = `backupbot.backup.volumes.${key}.path=${paths.join(",")}`;
  const half = lost.find((path) => OF_SQLITE.test(path) && paths.includes(path.replace(OF_SQLITE, "")));
  if (half) {
    return `volume ${key} is backed up in part (${label}), and ${service} has written ${half} beside it: that holds rows which the file without it lacks. Dump it in backupbot.backup.pre-hook (sqlite3 … ".backup …"), or back up the whole volume`;
  }
  return `volume ${key} is backed up in part (${label}), and ${service} has written ${some(lost)} beside it: nothing brings that back. Name it in the label as well; where nothing of it is needed: mayLose in the recipe's ci.ts`;
}
