import { UserError } from "../../lib/errors.ts";
import type { AppSpec, ServiceSpec } from "../app-spec.ts";
import { hookCommand } from "./backup-hook.ts";
import { slippedLabels } from "./slips.ts";

/** What a backup of the app holds and runs, as its backupbot labels (version 2) say. */
export interface BackupPlan {
  /** Some service has `backupbot.backup=true`. */
  enabled: boolean;
  /** Why there is nothing to back up; undefined when there is. */
  problem?: BackupProblem;
  /** The problem as a sentence for a person. */
  reason?: string;
  /** Key of the service with `backupbot.backup=true`. */
  service?: string;
  /** Every volume of the app; those that are not excluded go into the backup. */
  volumes: BackupVolume[];
  preHooks: BackupHook[];
  postHooks: BackupHook[];
  restorePreHooks: BackupHook[];
  restorePostHooks: BackupHook[];
  warnings: string[];
}

/** labels-absent: no service says anything; switched-off: a label says no; no-volume: labels leave no volume. */
export type BackupProblem = "labels-absent" | "switched-off" | "no-volume";

export interface BackupVolume {
  key: string;
  /** Final name. */
  volume: string;
  /** Only these paths, relative to the volume's root; undefined: all of it. */
  paths?: string[];
  excluded: boolean;
}

export interface BackupHook {
  /** The label that says it, e.g. `backupbot.backup.pre-hook`. */
  label: string;
  /** Key of the service in whose container it runs. */
  service: string;
  /** Shell text for `bash -c "set -o pipefail; <command>"`: what backup-bot-two makes of the label. */
  command: string;
}

const PREFIX = "backupbot.";
const VOLUME = /^backupbot\.backup\.volumes\.(.+?)(\.path)?$/;
const HOOK = /^backupbot\.(backup|restore)\.(pre|post)-hook$/;
const KNOWN = /^backupbot\.(backup|backup\.volumes\..+|(backup|restore)\.(pre|post)-hook)$/;

/**
 * Reads the backup labels of an app (Co-op Cloud backup specification): one service switches the backup on; all
 * volumes are in it except those a label excludes or narrows to paths.
 * @throws UserError for a path that leaves its volume
 */
export function backupPlan(spec: AppSpec): BackupPlan {
  const labelled = spec.services.filter((service) => Object.keys(service.labels).some((key) => key.startsWith(PREFIX)));
  const on = labelled.filter((service) => isTrue(service.labels["backupbot.backup"]));
  const volumes = spec.volumes.map(({ key, name }) => backupVolume(key, name, labelled));
  const problem = problemOf(labelled, on, volumes);
  return {
    enabled: on.length > 0,
    ...(problem ? { problem, reason: reasonOf(problem, spec) } : {}),
    service: on[0]?.key,
    volumes,
    preHooks: hooks(labelled, "backup.pre-hook"),
    postHooks: hooks(labelled, "backup.post-hook"),
    restorePreHooks: hooks(labelled, "restore.pre-hook"),
    restorePostHooks: hooks(labelled, "restore.post-hook"),
    warnings: warnings(spec, labelled, on),
  };
}

const REASONS: Record<BackupProblem, string> = {
  "labels-absent": "no service has backupbot labels: nothing of this app is ever backed up",
  "switched-off": "the backupbot labels switch the backup off",
  "no-volume": "the backupbot labels leave no volume in the backup",
};

function reasonOf(problem: BackupProblem, { services }: AppSpec): string {
  if (problem === "labels-absent") return whyAbsent(services);
  if (problem !== "switched-off") return REASONS[problem];
  const said = services.flatMap(({ key, labels }) => {
    const value = labels["backupbot.backup"];
    return value === undefined ? [] : [`backupbot.backup of ${key} is "${value}"`];
  });
  return `${REASONS[problem]}: ${said.join(", ")}, and true switches it on`;
}

/** Where the labels are ones of containers, or have slipped names, that is why nothing is backed up. */
function whyAbsent(services: readonly ServiceSpec[]): string {
  const slipped = services.flatMap(({ key, labels }) => slippedLabels(key, labels, PREFIX));
  if (slipped.length > 0) return `${REASONS["labels-absent"]}: ${slipped.join("; ")}`;
  const misplaced = services.filter(({ containerLabels }) =>
    Object.keys(containerLabels).some((key) => key.startsWith(PREFIX)),
  );
  if (misplaced.length === 0) return REASONS["labels-absent"];
  const keys = misplaced.map(({ key }) => key).join(", ");
  return `the backupbot labels of ${keys} are labels of its containers, where backup-bot-two does not look: they belong into deploy.labels`;
}

function problemOf(
  labelled: readonly ServiceSpec[],
  on: readonly ServiceSpec[],
  volumes: readonly BackupVolume[],
): BackupProblem | undefined {
  if (labelled.every((service) => service.labels["backupbot.backup"] === undefined)) return "labels-absent";
  if (on.length === 0) return "switched-off";
  return volumes.every((volume) => volume.excluded) ? "no-volume" : undefined;
}

function backupVolume(key: string, name: string, services: readonly ServiceSpec[]): BackupVolume {
  const label = `backupbot.backup.volumes.${key}`;
  const excluded = services.some((service) => service.labels[label]?.trim().toLowerCase() === "false");
  const paths = services
    .flatMap((service) => (service.labels[`${label}.path`] ?? "").split(","))
    .map((path) => path.trim())
    .filter(Boolean);
  for (const path of paths) {
    if (path.startsWith("/") || path.split("/").includes("..")) {
      throw new UserError(`"${path}" is no path within the volume`, {
        place: { key: `${label}.path` },
        remedy: "give paths relative to the volume's root",
      });
    }
  }
  return { key, volume: name, ...(paths.length > 0 ? { paths } : {}), excluded };
}

function hooks(services: readonly ServiceSpec[], name: string): BackupHook[] {
  return services.flatMap((service) => {
    const command = service.labels[PREFIX + name]?.trim();
    return command ? [{ label: PREFIX + name, service: service.key, command: hookCommand(command).command }] : [];
  });
}

function warnings(spec: AppSpec, labelled: readonly ServiceSpec[], on: readonly ServiceSpec[]): string[] {
  const keys = new Set(spec.volumes.map((volume) => volume.key));
  const found = labelled.flatMap((service) =>
    Object.keys(service.labels)
      .filter((label) => label.startsWith(PREFIX))
      .flatMap((label) => {
        const volume = VOLUME.exec(label)?.[1];
        if (volume !== undefined && !keys.has(volume)) return [`${label} names no volume of the app`];
        if (HOOK.test(label)) {
          return hookCommand(service.labels[label]?.trim() ?? "").warnings.map((warning) => `${label} ${warning}`);
        }
        if (label === "backupbot.backup.path") return [`${label} is of version 1: backup-bot-two ignores it`];
        return KNOWN.test(label) ? [] : [`${label} is no label backup-bot-two knows`];
      })
      .map((warning) => `service ${service.key}: ${warning}`),
  );
  const several = on.length > 1 ? [`backupbot.backup=true is on ${on.length} services: it must be on one`] : [];
  return [...several, ...found];
}

function isTrue(text: string | undefined): boolean {
  return text?.trim().toLowerCase() === "true";
}
