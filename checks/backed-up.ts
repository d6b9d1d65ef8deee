import type { AppSpec } from "../compose/app-spec.ts";
import { type BackupPlan, type BackupVolume, backupPlan } from "../compose/labels/backup-labels.ts";
import { archiveFolder } from "./file-seed.ts";

/** Paths inside the helper that a plan backs up. */
export function backedUpPaths(plan: BackupPlan): string[] {
  return includedVolumes(plan).flatMap((volume) => {
    const folder = archiveFolder(volume.volume);
    return volume.paths?.length ? volume.paths.map((path) => `${folder}/${path}`) : [folder];
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
