import type { AppSpec } from "../../compose/app-spec.ts";
import type { Restic } from "../restic.ts";
import { lostFolders, lostVolumeAt } from "./lost-volumes.ts";

/** Where the helper keeps whose each file was before a restore. */
const KEPT_OWNERS = "/recipe-ci-owners";
// An app that runs takes files away while they are looked at: what is gone has no owner. A folder has to be there.
const LIST_OWNERS =
  'for f; do test -d "$f" || exit 1; done; { find "$@" -exec stat -c "%u:%g %n" {} + 2>/dev/null || true; };';
/** Shell text that writes it down for the folders it is given as arguments. */
export const KEEP_OWNERS = `{ ${LIST_OWNERS} } > ${KEPT_OWNERS}`;

/** A file in a volume whose owner, as `uid:gid`, is another than before. */
export interface ChangedOwner {
  /** For a person: `volume data: live/rows`. */
  path: string;
  before: string;
  now: string;
}

/** Writes down whose each file in the app's volumes is. */
export async function keepOwners(app: AppSpec, restic: Restic): Promise<void> {
  const folders = lostFolders(app);
  if (folders.length > 0) await restic.inHelper(["sh", "-c", KEEP_OWNERS, "sh", ...folders]);
}

/** Lines that tell of changed owners, at most. */
const MOST = 20_000;
/** Of two listings, in awk: each path whose owner is another in the second, after both owners. */
export const CHANGED = `{ at = index($0, " "); owner = substr($0, 1, at - 1); path = substr($0, at + 1) }
FILENAME == ARGV[1] { then[path] = owner; next }
path in then && then[path] != owner { print then[path], owner, path }`;
// Compared where they are: an app may have more files than an answer has room for.
const COMPARE = `{ ${LIST_OWNERS} } > ${KEPT_OWNERS}-now &&
awk '${CHANGED}' ${KEPT_OWNERS} ${KEPT_OWNERS}-now | head -n ${MOST}`;

/** Files that are there as they were then, and belong to another. */
export async function changedOwners(app: AppSpec, restic: Restic): Promise<ChangedOwner[]> {
  const lines = (await restic.inHelper(["sh", "-c", COMPARE, "sh", ...lostFolders(app)])).split("\n").filter(Boolean);
  const volumeAt = lostVolumeAt(app);
  const spoken = (path: string) => {
    const place = volumeAt(path);
    return place ? `volume ${place.key}: ${place.inner || "its root"}` : path;
  };
  return lines.map((line) => {
    const [before = "", now = "", ...path] = line.split(" ");
    return { path: spoken(path.join(" ")), before, now };
  });
}

/** One line for each of the first ten. */
export function ownersText(changed: readonly ChangedOwner[]): string {
  const lines = changed.map(({ path, before, now }) => `${path} belongs to ${now}, and belonged to ${before}`);
  return lines.slice(0, 10).join("\n");
}
