import { isBack, takesWrites } from "../../checks/backup/after-restore.ts";
import {
  backupIsDeclared,
  coversDatabases,
  makesSnapshot,
  repositoryIsReady,
  snapshotHolds,
} from "../../checks/backup/backup.ts";
import { hasRestoreHooks, losesServer, restores, startsAgain } from "../../checks/backup/disaster.ts";
import { snapshotHoldsDumps } from "../../checks/backup/dumps.ts";
import { orRedone } from "../../checks/backup/redone.ts";
import { hasBackupHooks, stillAnswers } from "../../checks/backup/still-answers.ts";
import type { ResticOf } from "../../checks/check.ts";
import { gone, type Seed } from "../../checks/seeds/seed.ts";
import { keepsOwner } from "../../checks/seeds/volume-seed.ts";
import { labelledPaths } from "../../checks/volumes/backed-up.ts";
import { keepsFiles } from "../../checks/volumes/keeps-access.ts";
import { restoreBrings } from "../../checks/volumes/keeps-contents.ts";
import { keptOnNode } from "../../checks/volumes/kept-on-node.ts";
import { isScratch } from "../../checks/volumes/lost-volumes.ts";
import type { AppSpec, VolumeSpec } from "../../compose/app-spec.ts";
import { backupPlan } from "../../compose/labels/backup-labels.ts";
import { databaseServices } from "../../compose/labels/databases.ts";
import { keptName, moveChecks, onlyOnce } from "./move.ts";
import { ownChecks } from "./own-checks.ts";
import { chain, check, helperCheck, type LeftOut, type Link, type PlannedCheck, type PlannedPhase } from "./planned.ts";
import { restoreCheck } from "./restore-check.ts";
import { answering, heldSeeds, type Settings, seedCheck, serving, stands } from "./serving.ts";

/** Longer than all waits for engines and Swarm in it: what takes more is a destroy() of a seed. */
const LOSS = "300 s";
/** Longer than two more backups, each of which has limits of its own. */
const REDONE = "30 min";

/** A backup as the labels say, the loss of the server it was made on, and a new one that it is taken to. */
export function backupPhases(settings: Settings, head: AppSpec, resticOf: ResticOf): PlannedPhase[] {
  const { definition, seeds } = settings;
  const unseeded = seeds.length === 0 ? "no service that runs mounts a volume that can be written to" : undefined;
  const declared = check("backup.declared", "The recipe says what to back up", backupIsDeclared(definition.mayLose));
  if (definition.noBackup === undefined && keptOnNode(head, definition.mayLose).length > 0) {
    const rest = skipped(["restore", "move"], head, "no backup holds what the app keeps");
    return [{ name: "backup", app: head, checks: chain([declared]) }, ...rest];
  }
  const reason = definition.noBackup ?? noOwnVolume(head) ?? unseeded ?? nothingLasts(head, definition.mayLose);
  if (reason) return skipped(["backup", "restore", "move"], head, reason);
  const held = heldSeeds(settings);
  const backup = chain([
    declared,
    ...(databaseServices(head, definition.mayLose).length > 0
      ? [
          check(
            "backup.covers-databases",
            "Every database is dumped, and read back",
            coversDatabases(definition.mayLose),
          ),
        ]
      : []),
    helperCheck(
      "backup.snapshot",
      "A snapshot is made, and every hook succeeds",
      makesSnapshot(resticOf, definition.mayLose),
      "600 s",
    ),
    ...snapshotLooks(settings, head, resticOf),
    ...stillServes(settings, head),
  ]);
  const once = onlyOnce(settings, head);
  const moved = once ? [] : moveChecks(settings, head, resticOf);
  const hooked = hasRestoreHooks(backupPlan(head));
  const lost = "The server is lost, with every volume of the app";
  // The files come back before anything starts then, and how the app starts on nothing is seen in the new one.
  const still = moved.length > 0 && !hooked;
  const serves = serving("restore", settings, head);
  const contents = helperCheck(
    "restore.keeps-contents",
    "What the app had when it was backed up is there again",
    restoreBrings(resticOf, definition.mayLose),
  );
  const restore = chain([
    {
      ...helperCheck(
        "restore.data-destroyed",
        lost,
        losesServer(seeds, resticOf, still ? "stands still" : "starts"),
        LOSS,
      ),
      late: seeds.some(({ destroy }) => destroy) ? "author" : "infra",
      stops: true,
    },
    ...(still ? [] : startsEmpty(settings, held, head)),
    {
      ...restoreCheck(
        "restore.restored",
        "The snapshot is restored, and every hook succeeds",
        head,
        restores(resticOf, definition.afterRestore),
      ),
      stops: !still && !hooked,
    },
    ...serves,
    // Before the app is stopped once more; else beside all that follows.
    ...(hooked ? [contents] : []),
    ...held.map((seed) =>
      seedCheck(settings, `restore.seed-${seed.name}`, `Seed "${seed.name}" is back`, isBack(seed)),
    ),
    ...writes(settings, resticOf),
    ...ownChecks(definition, "restore"),
    ...onceMore(settings, head),
  ]);
  const beside = hooked ? [] : [{ ...contents, after: serves.slice(-1).map(({ name }) => name) }];
  return [
    { name: "backup", app: head, checks: backup },
    {
      name: "restore",
      app: head,
      checks: [...restore, ...beside],
      leftOut: notProven(settings),
    },
    { name: "move", app: head, skip: once, alongside: true, checks: moved, leftOut: keptName(definition) },
  ];
}

function noOwnVolume({ volumes }: AppSpec): string | undefined {
  if (volumes.length === 0) return "the recipe has no volume";
  const names = volumes.map(({ name }) => name).join(", ");
  return volumes.every(({ external }) => external)
    ? `the recipe has no volume of its own: its operators keep ${names}, which it calls external`
    : undefined;
}

function skipped(names: readonly PlannedPhase["name"][], app: AppSpec, skip: string): PlannedPhase[] {
  return names.map((name) => ({ name, app, skip, checks: [] }));
}

/** Why an app whose labels keep nothing needs no backup: all that it has is made again, as caches are. */
function nothingLasts(head: AppSpec, mayLose: Record<string, string> = {}): string | undefined {
  if (!backupPlan(head).problem) return undefined;
  const lasts = ({ key, driverOpts }: VolumeSpec) =>
    !isScratch(key) && !(key in mayLose) && driverOpts.type !== "tmpfs";
  if (head.volumes.some(lasts)) return undefined;
  return `nothing in its volumes must last: ${head.volumes.map(({ key }) => key).join(", ")}`;
}

/** Hooks stop services and switch maintenance on; that goes on where nothing undoes it, until operators look. */
function stillServes({ definition }: Settings, head: AppSpec): Link[] {
  const answers = answering(definition, head);
  if (!answers || !hasBackupHooks(backupPlan(head))) return [];
  const title = `After the hooks of the backup: ${answers.title}`;
  const run = stillAnswers(answers.run);
  return [{ ...check("backup.answers", title, run, answers.deadline), authored: definition.health !== undefined }];
}

/** An app without restore hooks, or that is restarted after them, has started on data of head's own already. */
function onceMore({ definition }: Settings, head: AppSpec): Link[] {
  if (!hasRestoreHooks(backupPlan(head)) || definition.afterRestore) return [];
  const how = { fresh: true, stableFor: "0 s", restarted: true } as const;
  const again = stands("restore.starts-again", "The app starts once more on what it has now", definition, head, how);
  const answers = answering(definition, head);
  const run = startsAgain([again.run, ...(answers ? [answers.run] : [])]);
  return [{ ...again, run, stops: true, deadline: LOSS, authored: answers && definition.health !== undefined }];
}

/** The repository that backups of the run go to. */
export function repositoryCheck(resticOf: ResticOf): PlannedCheck {
  const title = "A backup repository of the run's own is ready";
  const ready = helperCheck("install.backup-repository", title, repositoryIsReady(resticOf));
  return { ...ready, after: [], early: true, late: "infra" };
}

/** What the snapshot must hold; where it does not, the backup is made anew some times. */
function snapshotLooks(settings: Settings, head: AppSpec, resticOf: ResticOf): Link[] {
  const holds = heldSeeds(settings).map((seed) =>
    helperCheck(`backup.holds-${seed.name}`, `The snapshot holds seed "${seed.name}"`, snapshotHolds(seed, resticOf)),
  );
  const looks = [...dumpsCheck(head, resticOf), ...holds];
  const how = { fresh: false, stableFor: "2 s" } as const;
  const settle = stands("backup.settled", "Every service stands", settings.definition, head, how).run;
  const { mayLose } = settings.definition;
  const redone = { resticOf, looks: looks.map(({ run }) => run), settle, mayLose };
  return looks.map((look) => ({ ...look, run: orRedone(look.run, redone), deadline: REDONE }));
}

function dumpsCheck(head: AppSpec, resticOf: ResticOf): Link[] {
  if (labelledPaths(backupPlan(head)).length === 0) return [];
  const title = "The snapshot holds what the labels name, and it is not empty";
  return [helperCheck("backup.holds-dumps", title, snapshotHoldsDumps(resticOf))];
}

/** Head on empty volumes, as an operator has it on a new server before anything is restored. */
function startsEmpty(settings: Settings, held: Seed[], head: AppSpec): Link[] {
  const how = { fresh: true, stableFor: "0 s", restarted: true } as const;
  return [
    stands("restore.starts-empty", "Every service starts anew on empty volumes", settings.definition, head, how),
    ...held.map((seed) => seedCheck(settings, `restore.gone-${seed.name}`, `Seed "${seed.name}" is gone`, gone(seed))),
  ];
}

/** Of a marker file, which the app knows nothing of, only its owner can be judged. */
function writes({ seeds, marker }: Settings, resticOf: ResticOf): Link[] {
  if (!marker) {
    return seeds.map((seed) =>
      helperCheck(`restore.writes-${seed.name}`, writesTitle(seed), takesWrites(seed, resticOf)),
    );
  }
  const kept = "What belonged to the app still belongs to it";
  const files = helperCheck("restore.keeps-access", kept, keepsFiles(resticOf));
  if (marker.notBackedUp) return [files];
  const title = "What is restored belongs to whom it belonged to";
  return [helperCheck("restore.owner-file", title, keepsOwner(marker.volumes, resticOf)), files];
}

/** What a marker file can't show. */
function notProven({ marker, seeds }: Settings): LeftOut[] {
  if (!marker) return [];
  const [back, taken] = [
    marker.notBackedUp,
    "a marker file shows nothing of what the app itself accepts: the recipe's ci.ts needs a seed of its own",
  ];
  return seeds.flatMap((seed) => [
    ...(back ? [{ name: `restore.seed-${seed.name}`, title: `Seed "${seed.name}" is back`, reason: back }] : []),
    { name: `restore.writes-${seed.name}`, title: writesTitle(seed), reason: back ?? taken },
  ]);
}

function writesTitle(seed: Seed): string {
  return `The restored app accepts writes of "${seed.name}"`;
}
