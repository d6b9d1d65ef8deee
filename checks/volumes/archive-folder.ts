/** Name of the file by which the generic life of a recipe marks volumes. */
export const MARKER = "recipe-ci-seed";

/** Folder of a volume inside an archive, as backup-bot-two lays it out (backup specification, archive form). */
export function archiveFolder(volume: string): string {
  return `/var/lib/docker/volumes/${volume}/_data`;
}
