import type { AppSpec } from "../../compose/app-spec.ts";
import { hasContainers } from "../../compose/convert/lasting.ts";
import { type BackupHook, type BackupPlan, backupPlan } from "../../compose/labels/backup-labels.ts";
import { isServer } from "../../compose/labels/databases.ts";
import { isMadeAgain, lostVolumes } from "./lost-volumes.ts";

/** What writes the rows of a database or only stops an app, and what may put any file elsewhere. */
const NO_FILES =
  /\b(maintenance|pg_dump|pg_dumpall|pg_basebackup|mysqldump|mariadb-dump|mariadb-backup|mongodump|sqlite3|redis-cli)\b/;
const FILES = /\b(tar|cp|mv|rsync|scp|cpio|zip|7z|cat)\b|\.(sh|py|pl|rb|php|js)\b/;

/**
 * Volumes with data of an app that its labels leave out of its backup, a sentence each. Where a hook may put what is in
 * them elsewhere nobody can say so, and databases are judged by their dumps.
 *
 * @param mayLose reasons, by key of a volume or service, why nothing of it is needed
 */
export function leftOut(app: AppSpec, mayLose: Record<string, string> = {}): string[] {
  const plan = backupPlan(app);
  if (plan.problem) return [];
  return excludedOf(app, plan).flatMap((key) => {
    const [place] = placesOf(app, key).filter(({ service }) => !(service in mayLose));
    if (!place || key in mayLose || isMadeAgain(key) || mayBeElsewhere(app, plan, key)) return [];
    return [
      `volume ${key} is left out of the backup (backupbot.backup.volumes.${key}=false), and ${place.service} has its data there (${place.target}): nothing brings them back. Where nothing of it is needed: mayLose in the recipe's ci.ts`,
    ];
  });
}

/** Whether a hook of a service that sees a volume may put what is in it elsewhere. @param key of the volume */
export function mayBeElsewhere(app: AppSpec, plan: BackupPlan, key: string): boolean {
  return hooksSeeing(app, plan, key).some((hook) => !takesNoFiles(hook));
}

/** Hooks before a backup that run where a volume is mounted. @param key of the volume */
export function hooksSeeing({ services, volumes }: AppSpec, { preHooks }: BackupPlan, key: string): BackupHook[] {
  const name = volumes.find((volume) => volume.key === key)?.name;
  const sees = ({ service }: BackupHook) =>
    services.some((one) => one.key === service && one.mounts.some(({ source }) => source === name));
  return preHooks.filter(sees);
}

/** Whether a hook puts no file elsewhere: it writes what is in a database, or stops an app. */
export function takesNoFiles({ command }: BackupHook): boolean {
  return NO_FILES.test(command) && !FILES.test(command);
}

function excludedOf(app: AppSpec, { volumes }: BackupPlan): string[] {
  const own = lostVolumes(app).map(({ key }) => key);
  return volumes.filter(({ key, excluded }) => excluded && own.includes(key)).map(({ key }) => key);
}

/** Where services that stay, and are no databases, may write to a volume. */
export function placesOf({ services, volumes }: AppSpec, key: string): { service: string; target: string }[] {
  const name = volumes.find((volume) => volume.key === key)?.name;
  return services
    .filter((service) => hasContainers(service) && !isServer(service))
    .flatMap((service) =>
      service.mounts
        .filter(({ type, source, readOnly }) => type === "volume" && source === name && !readOnly)
        .map(({ target }) => ({ service: service.key, target })),
    );
}
