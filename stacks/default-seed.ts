import type { ResticOf } from "../checks/backup.ts";
import { lostVolumes } from "../checks/lost-volumes.ts";
import type { Seed } from "../checks/seed.ts";
import { volumeSeed } from "../checks/volume-seed.ts";
import type { AppSpec, ServiceSpec, VolumeSpec } from "../compose/app-spec.ts";
import { type BackupPlan, backupPlan } from "../compose/labels/backup-labels.ts";

/** What a recipe without seeds of its own gets. */
export interface DefaultSeed {
  seed: Seed;
  volume: VolumeSpec;
  /** Why no backup brings it back, whatever the recipe does; undefined where one should. */
  notBackedUp?: string;
}

/**
 * A marker file in the first volume of the services that run: in one that head's backup holds as a whole where there is
 * such a volume. Undefined where no service that runs may write to a volume of the app's own.
 */
export function defaultSeed(first: AppSpec, head: AppSpec, helperOf: ResticOf): DefaultSeed | undefined {
  const plan = backupPlan(head);
  const mounted = first.services
    .filter(runs)
    .flatMap((service) =>
      service.mounts.flatMap((mount) => (mount.type === "volume" && !mount.readOnly ? (mount.source ?? []) : [])),
    );
  const own = lostVolumes(first).filter(({ name }) => mounted.includes(name));
  const held = plan.volumes.filter(({ excluded, paths }) => !excluded && !paths).map(({ volume }) => volume);
  const inOrder = mounted.flatMap((name) => own.find((volume) => volume.name === name) ?? []);
  const volume = inOrder.find(({ name }) => held.includes(name)) ?? inOrder[0];
  if (!volume) return undefined;
  const known = head.volumes.find(({ name }) => name === volume.name) ?? volume;
  return {
    seed: volumeSeed(known, helperOf),
    volume: known,
    notBackedUp: held.length > 0 ? undefined : onlyPaths(plan),
  };
}

// Without any path the labels leave nothing in the backup, which the check of them says.
function onlyPaths({ volumes }: BackupPlan): string | undefined {
  const paths = volumes.flatMap(({ excluded, paths = [] }) => (excluded ? [] : paths));
  if (paths.length === 0) return undefined;
  return `the backup holds ${paths.join(", ")} alone, where a marker file would prove nothing: the recipe's ci.ts needs a seed of its own`;
}

/** Whether a service has containers that stay: not one that waits for a timer to start it, and no job. */
function runs({ mode }: ServiceSpec): boolean {
  return mode.kind === "global" || (mode.kind === "replicated" && mode.replicas > 0);
}
