import type { AppSpec } from "../../compose/app-spec.ts";
import type { ProcessUsers } from "../../swarm/container-insides.ts";
import type { Restic } from "../restic.ts";
import { lostFolders, lostVolumeAt } from "./lost-volumes.ts";

/** Where the helper keeps whose each file was before a restore. */
const KEPT_OWNERS = "/recipe-ci-owners";
// An app that runs takes files away while they are looked at: what is gone has no owner. A folder has to be there.
const LIST_OWNERS =
  'for f; do test -d "$f" || exit 1; done; { find "$@" -exec stat -c "%u:%g:%a %n" {} + 2>/dev/null || true; };';
/** Shell text that writes it down for the folders it is given as arguments. */
export const KEEP_OWNERS = `{ ${LIST_OWNERS} } > ${KEPT_OWNERS}`;

/** A file in a volume whose owner or mode is another than before. */
export interface ChangedAccess {
  /** For a person: `volume data: live/rows`. */
  path: string;
  before: Access;
  now: Access;
}

/** Whose a file is, and who may do what with it. */
export interface Access {
  uid: number;
  gid: number;
  /** Permission bits. */
  mode: number;
}

/** Whether one of these may do something with a file, as path_resolution(7) tells: the bits of its owner, group or all others. */
export function permits({ uids, gids }: ProcessUsers, { uid, gid, mode }: Access, what: "read" | "write"): boolean {
  if (uids.has(0)) return true;
  const bit = what === "read" ? 0o4 : 0o2;
  const shift = uids.has(uid) ? 6 : gids.has(gid) ? 3 : 0;
  return (mode & (bit << shift)) !== 0;
}

/** Writes down whose each file in the app's volumes is. */
export async function keepOwners(app: AppSpec, restic: Restic): Promise<void> {
  const folders = lostFolders(app);
  if (folders.length > 0) await restic.inHelper(["sh", "-c", KEEP_OWNERS, "sh", ...folders]);
}

/** Lines that tell of changed owners, at most. */
const MOST = 20_000;
/** Of two listings, in awk: each path whose owner or mode is another in the second, after both. */
export const CHANGED = `{ at = index($0, " "); owner = substr($0, 1, at - 1); path = substr($0, at + 1) }
FILENAME == ARGV[1] { then[path] = owner; next }
path in then && then[path] != owner { print then[path], owner, path }`;
// Compared where they are: an app may have more files than an answer has room for.
const COMPARE = `{ ${LIST_OWNERS} } > ${KEPT_OWNERS}-now &&
awk '${CHANGED}' ${KEPT_OWNERS} ${KEPT_OWNERS}-now | head -n ${MOST}`;

/** Files that are there as they were then, and belong to another. */
export async function changedOwners(app: AppSpec, restic: Restic): Promise<ChangedAccess[]> {
  return (await changedAccess(app, restic)).filter(({ before, now }) => ownerOf(before) !== ownerOf(now));
}

/** Files that are there as they were then, and belong to another or have another mode. */
export async function changedAccess(app: AppSpec, restic: Restic): Promise<ChangedAccess[]> {
  const lines = (await restic.inHelper(["sh", "-c", COMPARE, "sh", ...lostFolders(app)])).split("\n").filter(Boolean);
  const volumeAt = lostVolumeAt(app);
  const spoken = (path: string) => {
    const place = volumeAt(path);
    return place ? `volume ${place.key}: ${place.inner || "its root"}` : path;
  };
  return lines.map((line) => {
    const [before = "", now = "", ...path] = line.split(" ");
    return { path: spoken(path.join(" ")), before: accessIn(before), now: accessIn(now) };
  });
}

/** What `stat` tells of a file: `uid:gid:mode`. */
export function accessIn(text: string): Access {
  const [uid, gid, mode = ""] = text.split(":");
  return { uid: Number(uid), gid: Number(gid), mode: Number.parseInt(mode, 8) };
}

/** As `uid:gid`. */
export function ownerOf({ uid, gid }: Access): string {
  return `${uid}:${gid}`;
}

/** One line for each of the first ten. */
export function ownersText(changed: readonly ChangedAccess[]): string {
  const lines = changed.map(({ path, before, now }) =>
    ownerOf(before) === ownerOf(now)
      ? `${path} has mode ${now.mode.toString(8)}, and had ${before.mode.toString(8)}`
      : `${path} belongs to ${ownerOf(now)}, and belonged to ${ownerOf(before)}`,
  );
  return lines.slice(0, 10).join("\n");
}
