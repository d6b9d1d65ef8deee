import { posix } from "node:path";
import type { AppSpec } from "../../compose/app-spec.ts";
import { type BackupPlan, type BackupVolume, backupPlan } from "../../compose/labels/backup-labels.ts";
import { archiveFolder } from "./archive-folder.ts";
import { lostVolumes } from "./lost-volumes.ts";

/** Paths inside the helper that a plan backs up. */
export function backedUpPaths(plan: BackupPlan): string[] {
  return includedVolumes(plan).flatMap((volume) => {
    const folder = archiveFolder(volume.volume);
    return volume.paths?.length ? volume.paths.map((path) => placeOf(folder, path)) : [folder];
  });
}

/** Volumes of an app that its backup holds, as a whole or in part. */
export function backedUpVolumes(app: AppSpec): string[] {
  return includedVolumes(backupPlan(app)).map((volume) => volume.volume);
}

/** Those that the labels do not leave out. */
export function includedVolumes(plan: BackupPlan): BackupVolume[] {
  return plan.enabled ? plan.volumes.filter((volume) => !volume.excluded) : [];
}

/** Volumes the helper must mount for an app. */
export function helperVolumes(app: AppSpec): string[] {
  return [...new Set([...backedUpVolumes(app), ...lostVolumes(app).map(({ name }) => name)])];
}

/** A path that a label narrows a volume to. */
export interface LabelledPath {
  label: string;
  /** As the label has it. */
  path: string;
  volume: string;
  /** Inside the helper, and so in the snapshot. */
  place: string;
}

/** Paths that labels name: dumps in most recipes. */
export function labelledPaths(plan: BackupPlan): LabelledPath[] {
  return plan.volumes
    .filter(({ excluded }) => plan.enabled && !excluded)
    .flatMap(({ key, volume, paths = [] }) =>
      paths.map((path) => ({
        label: `backupbot.backup.volumes.${key}.path`,
        path,
        volume: key,
        place: placeOf(archiveFolder(volume), path),
      })),
    );
}

// As restic writes it down: `./uploads/` is `uploads` to backup-bot-two as well.
function placeOf(folder: string, path: string): string {
  return posix.join(folder, path).replace(/\/$/, "");
}
