import type { AppSpec } from "../../compose/app-spec.ts";
import type { Restic } from "../restic.ts";
import { archiveFolder } from "./archive-folder.ts";
import { lostFolders, lostVolumes } from "./lost-volumes.ts";

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

/** Files that are there as they were then, and belong to another. */
export async function changedOwners(app: AppSpec, restic: Restic): Promise<ChangedOwner[]> {
  const before = ownersIn(await restic.inHelper(["cat", KEPT_OWNERS]));
  const now = ownersIn(await restic.inHelper(["sh", "-c", LIST_OWNERS, "sh", ...lostFolders(app)]));
  return [...now].flatMap(([path, owner]) => {
    const then = before.get(path);
    return then === undefined || then === owner ? [] : [{ path: spoken(app, path), before: then, now: owner }];
  });
}

/** One line for each of the first ten. */
export function ownersText(changed: readonly ChangedOwner[]): string {
  const lines = changed.map(({ path, before, now }) => `${path} belongs to ${now}, and belonged to ${before}`);
  return lines.slice(0, 10).join("\n");
}

function spoken(app: AppSpec, path: string): string {
  const volume = lostVolumes(app).find(({ name }) => `${path}/`.startsWith(`${archiveFolder(name)}/`));
  const inner = volume && path.slice(archiveFolder(volume.name).length + 1);
  return volume ? `volume ${volume.key}: ${inner || "its root"}` : path;
}

function ownersIn(listing: string): Map<string, string> {
  const lines = listing.split("\n").map((line) => {
    const space = line.indexOf(" ");
    return [line.slice(space + 1), line.slice(0, space)] as const;
  });
  return new Map(lines);
}
