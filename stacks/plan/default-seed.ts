import type { ResticOf } from "../../checks/check.ts";
import type { Seed } from "../../checks/seeds/seed.ts";
import { volumeSeed } from "../../checks/seeds/volume-seed.ts";
import { isScratch, lostVolumes } from "../../checks/volumes/lost-volumes.ts";
import type { AppSpec, VolumeSpec } from "../../compose/app-spec.ts";
import { hasContainers } from "../../compose/convert/lasting.ts";
import { type BackupPlan, backupPlan } from "../../compose/labels/backup-labels.ts";

/** What a recipe without seeds of its own gets. */
export interface DefaultSeed {
  /** A marker file in every volume. */
  seed: Seed;
  /** Those of the volumes that head's backup holds as a whole; where there is none: all, with the reason below. */
  volumes: VolumeSpec[];
  /** The marker file as the backup holds it: in {@link volumes}. */
  held: Seed;
  /** Why no backup brings it back, whatever the recipe does; undefined where one should. */
  notBackedUp?: string;
}

/**
 * A marker file in every volume of the services that run, those aside that need not last where others must. Undefined where no service that runs may write to a volume of
 * the app's own.
 */
export function defaultSeed(
  first: AppSpec,
  head: AppSpec,
  helperOf: ResticOf,
  mayLose: Record<string, string> = {},
): DefaultSeed | undefined {
  const plan = backupPlan(head);
  const mounted = first.services
    .filter(hasContainers)
    .flatMap((service) =>
      service.mounts.flatMap((mount) => (mount.type === "volume" && !mount.readOnly ? (mount.source ?? []) : [])),
    );
  const own = lostVolumes(first);
  const known = [...new Set(mounted)].flatMap((name) => own.find((volume) => volume.name === name) ?? []);
  if (known.length === 0) return undefined;
  const lasting = known.filter(({ key }) => !isScratch(key) && !(key in mayLose));
  const marked = lasting.length > 0 ? lasting : known;
  const whole = plan.volumes.filter(({ excluded, paths }) => !excluded && !paths).map(({ volume }) => volume);
  const held = marked.filter(({ name }) => whole.includes(name));
  const volumes = held.length > 0 ? held : marked;
  return {
    seed: volumeSeed(marked, helperOf),
    volumes,
    held: volumeSeed(volumes, helperOf),
    notBackedUp: whole.length > 0 ? undefined : onlyPaths(plan),
  };
}

// Without any path the labels leave nothing in the backup, which the check of them says.
function onlyPaths({ volumes }: BackupPlan): string | undefined {
  const paths = volumes.flatMap(({ excluded, paths = [] }) => (excluded ? [] : paths));
  if (paths.length === 0) return undefined;
  return `the backup holds ${paths.join(", ")} alone, where a marker file would prove nothing: the recipe's ci.ts needs a seed of its own`;
}
