import type { AppSpec } from "../../compose/app-spec.ts";
import { hasContainers } from "../../compose/convert/lasting.ts";
import { type BackupPlan, backupPlan } from "../../compose/labels/backup-labels.ts";
import { isDatabase } from "../../compose/labels/databases.ts";
import { isMadeAgain, lostVolumes } from "./lost-volumes.ts";

/**
 * Volumes with data of an app that its labels leave out of its backup, a sentence each. With a hook that may put what is
 * in them elsewhere nobody can say so, and databases are judged by their dumps.
 *
 * @param mayLose reasons, by key of a volume or service, why nothing of it is needed
 */
export function leftOut(app: AppSpec, mayLose: Record<string, string> = {}): string[] {
  const plan = backupPlan(app);
  if (plan.problem || plan.preHooks.length > 0) return [];
  return excludedOf(app, plan).flatMap((key) => {
    const [place] = placesOf(app, key).filter(({ service }) => !(service in mayLose));
    if (!place || key in mayLose || isMadeAgain(key)) return [];
    return [
      `volume ${key} is left out of the backup (backupbot.backup.volumes.${key}=false), and ${place.service} has its data there (${place.target}): nothing brings them back. Where nothing of it is needed: mayLose in the recipe's ci.ts`,
    ];
  });
}

function excludedOf(app: AppSpec, { volumes }: BackupPlan): string[] {
  const own = lostVolumes(app).map(({ key }) => key);
  return volumes.filter(({ key, excluded }) => excluded && own.includes(key)).map(({ key }) => key);
}

/** Where services that stay, and are no databases, may write to a volume. */
function placesOf({ services, volumes }: AppSpec, key: string): { service: string; target: string }[] {
  const name = volumes.find((volume) => volume.key === key)?.name;
  return services
    .filter((service) => hasContainers(service) && !isDatabase(service.image))
    .flatMap((service) =>
      service.mounts
        .filter(({ type, source, readOnly }) => type === "volume" && source === name && !readOnly)
        .map(({ target }) => ({ service: service.key, target })),
    );
}
