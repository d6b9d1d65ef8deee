import { isBack, takesWrites } from "../checks/after-restore.ts";
import { backupIsDeclared, makesSnapshot, type ResticOf, repositoryIsReady, snapshotHolds } from "../checks/backup.ts";
import type { CheckDefinition, CheckFunction } from "../checks/check.ts";
import { converged } from "../checks/converged.ts";
import { losesServer, restores } from "../checks/disaster.ts";
import { labelledPaths, snapshotHoldsDumps } from "../checks/dumps.ts";
import { fileSeed } from "../checks/file-seed.ts";
import { httpAnswers, webPort } from "../checks/http.ts";
import { gone, intact, plant, type Seed } from "../checks/seed.ts";
import { tcpAccepts } from "../checks/tcp.ts";
import { versionMoved } from "../checks/version-moved.ts";
import type { AppSpec, ServiceSpec } from "../compose/app-spec.ts";
import { backupPlan } from "../compose/backup-labels.ts";
import { changesOfSwarm, diffApps } from "../diff/diff-apps.ts";
import type { Duration } from "../lib/duration.ts";
import { UserError } from "../lib/errors.ts";
import type { RecipeDefinition } from "../recipes/define-recipe.ts";
import { addTime, convergenceDeadline } from "./convergence.ts";
import { withLateLooks } from "./late-look.ts";
import type { StackPhase } from "./phases.ts";
import type { PlannedCheck, PlannedPhase } from "./planned.ts";

export interface PlanArgs {
  definition: RecipeDefinition;
  /** The newest release older than head; undefined when there is none. */
  base?: AppSpec;
  head: AppSpec;
  /** Head is a release itself: one that changes nothing is a mistake. Default: false. */
  release?: boolean;
  /** Default: none, for a plan that is looked at and not run. */
  resticOf?: ResticOf;
}

/**
 * What a run will assert, phase by phase: plain data, computed before anything is deployed.
 * @throws UserError for two checks of one name
 */
export function planPhases(args: PlanArgs): PlannedPhase[] {
  const { definition, base, head, release = false, resticOf = notRun } = args;
  const first = base ?? head;
  const seeds = definition.seeds ?? defaultSeeds(first);
  const settings = { definition, seeds };
  const backup = backupPhases(settings, head, resticOf);
  const ready = backup.some((phase) => !phase.skip) ? [repositoryCheck(resticOf)] : [];
  const phases: PlannedPhase[] = [
    { name: "install", checks: [...installChecks(settings, first), ...ready] },
    upgradePhase(settings, base, head, release),
    ...backup,
    definition.custom?.length
      ? { name: "custom", checks: definition.custom.map(asCustom) }
      : { name: "custom", skip: "the recipe's definition has no checks of its own", checks: [] },
  ];
  return assertDistinct(withLateLooks(phases, definition, head));
}

// A check's name is the name of its resource, which must be unique in a stack.
function assertDistinct(phases: PlannedPhase[]): PlannedPhase[] {
  const names = phases.flatMap((phase) => phase.checks.map((one) => one.name));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return phases;
  throw new UserError(`two checks are named "${twice}"`, {
    remedy: "give each seed and each custom check in the recipe's ci.ts a name of its own",
  });
}

interface Settings {
  definition: RecipeDefinition;
  seeds: Seed[];
}

function installChecks(settings: Settings, app: AppSpec): PlannedCheck[] {
  return chain([
    ...serving("install", settings, app),
    ...settings.seeds.map((seed) =>
      check(`install.seed-${seed.name}`, `Seed "${seed.name}" is written and read back`, plant(seed)),
    ),
  ]);
}

/** Most changes of a repository are of its words alone. A release of such a change proves nothing, and fails. */
function upgradePhase(settings: Settings, base: AppSpec | undefined, head: AppSpec, release: boolean): PlannedPhase {
  if (!base) return { name: "upgrade", skip: "the recipe has no release older than head", checks: [] };
  if (!release && changesOfSwarm(diffApps(base, head)).length === 0) {
    const from = base.version ?? base.commit.slice(0, 8);
    return { name: "upgrade", skip: `head changes nothing that is deployed since ${from}`, checks: [] };
  }
  return { name: "upgrade", checks: upgradeChecks(settings, base, head) };
}

function upgradeChecks(settings: Settings, base: AppSpec, head: AppSpec): PlannedCheck[] {
  const [settled, ...answering] = chain(serving("upgrade", settings, head));
  const after = [settled?.name ?? ""];
  const moved = check(
    "upgrade.version-moved",
    "The app really moved from base to head, in place",
    versionMoved(base, head),
  );
  const kept = settings.seeds.map((seed) =>
    check(`upgrade.seed-${seed.name}`, `Seed "${seed.name}" survived the upgrade`, intact(seed)),
  );
  return [...(settled ? [settled] : []), ...answering, ...[moved, ...kept].map((one) => ({ ...one, after }))];
}

function backupPhases(settings: Settings, head: AppSpec, resticOf: ResticOf): PlannedPhase[] {
  const { definition, seeds } = settings;
  const unseeded = seeds.length === 0 ? "no service that runs mounts a volume that can be written to" : undefined;
  const reason = definition.noBackup ?? (head.volumes.length === 0 ? "the recipe has no volume" : unseeded);
  if (reason) {
    return [
      { name: "backup", skip: reason, checks: [] },
      { name: "restore", skip: reason, checks: [] },
    ];
  }
  const named = labelledPaths(backupPlan(head)).length > 0;
  const dumpsTitle = "The snapshot holds what the labels name, and it is not empty";
  const dumps = named ? [check("backup.holds-dumps", dumpsTitle, snapshotHoldsDumps(resticOf))] : [];
  const backup = chain([
    check("backup.declared", "The recipe says what to back up", backupIsDeclared()),
    check("backup.snapshot", "A snapshot is made, and every hook succeeds", makesSnapshot(resticOf), "600 s"),
    ...dumps,
    ...seeds.map((seed) =>
      check(`backup.holds-${seed.name}`, `The snapshot holds seed "${seed.name}"`, snapshotHolds(seed, resticOf)),
    ),
  ]);
  const restore = chain([
    check("restore.data-destroyed", "The server is lost, with every volume of the app", losesServer(seeds, resticOf)),
    startsEmpty(definition, head),
    ...seeds.map((seed) => check(`restore.gone-${seed.name}`, `Seed "${seed.name}" is gone`, gone(seed))),
    check("restore.restored", "The snapshot is restored, and every hook succeeds", restores(resticOf), "600 s"),
    ...serving("restore", settings, head),
    ...seeds.map((seed) => check(`restore.seed-${seed.name}`, `Seed "${seed.name}" is back`, isBack(seed))),
    ...seeds.map((seed) =>
      check(
        `restore.writes-${seed.name}`,
        `The restored app accepts writes of "${seed.name}"`,
        takesWrites(seed, resticOf),
      ),
    ),
  ]);
  return [
    { name: "backup", checks: backup },
    { name: "restore", checks: restore },
  ];
}

/** Head on empty volumes, as an operator has it on a new server before anything is restored. */
function startsEmpty(definition: RecipeDefinition, head: AppSpec): CheckDefinition {
  const deadline = convergenceDeadline(definition, head);
  const run = converged({
    deadline,
    fresh: true,
    stableFor: "0 s",
    restarts: definition.restarts ?? 0,
    restarted: true,
  });
  return check("restore.starts-empty", "Every service starts anew on empty volumes", run, addTime(deadline));
}

function repositoryCheck(resticOf: ResticOf): PlannedCheck {
  const title = "A backup repository of the run's own is ready";
  return { ...check("install.backup-repository", title, repositoryIsReady(resticOf)), after: [], early: true };
}

/** Converged, then answering: what "up" means in every phase that starts or disturbs containers. */
function serving(phase: StackPhase, { definition }: Settings, app: AppSpec): CheckDefinition[] {
  const deadline = convergenceDeadline(definition, app);
  const stable = converged({
    deadline,
    fresh: phase !== "restore",
    stableFor: phase === "restore" ? "0 s" : (definition.stableFor ?? "2 s"),
    restarts: definition.restarts ?? 0,
    restarted: phase === "restore",
  });
  const settled = check(`${phase}.converged`, "Every service runs, healthy and stable", stable, addTime(deadline));
  const answers = answering(definition, app);
  return answers ? [settled, check(`${phase}.answers`, answers.title, answers.run)] : [settled];
}

function answering(definition: RecipeDefinition, app: AppSpec): { title: string; run: CheckFunction } | undefined {
  const health = definition.health;
  if (health && "tcp" in health) return { title: "The app accepts TCP connections", run: tcpAccepts(health.tcp) };
  const expected = health?.http ?? (webPort(app) ? {} : undefined);
  return expected && { title: `GET ${expected.path ?? "/"} answers as it should`, run: httpAnswers(expected) };
}

/**
 * Without seeds of its own a recipe gets a marker file in the first volume of its services that run: in one that the
 * backup holds as a whole where there is such a volume.
 */
function defaultSeeds(app: AppSpec): Seed[] {
  const whole = backupPlan(app).volumes.filter((volume) => !volume.excluded && !volume.paths);
  const kept = new Set(whole.map(({ volume }) => volume));
  const mounts = app.services
    .filter(runs)
    .flatMap((service) =>
      service.mounts
        .filter((mount) => mount.type === "volume" && !mount.readOnly && mount.source)
        .map((mount) => ({ service: service.key, ...mount })),
    );
  const chosen = mounts.find((mount) => kept.has(mount.source ?? "")) ?? mounts[0];
  return chosen ? [fileSeed({ service: chosen.service, path: `${chosen.target}/recipe-ci-seed` })] : [];
}

/** Whether a service has containers that stay: not one that waits for a timer to start it, and no job. */
function runs({ mode }: ServiceSpec): boolean {
  return mode.kind === "global" || (mode.kind === "replicated" && mode.replicas > 0);
}

function check(name: string, title: string, run: CheckFunction, deadline?: Duration): CheckDefinition {
  return { name, title, run, deadline };
}

function notRun(): never {
  throw new Error("this plan was made without restic");
}

/** Each check after the one before it. */
function chain(checks: CheckDefinition[]): PlannedCheck[] {
  return checks.map((one, index) => ({ ...one, after: index === 0 ? [] : [checks[index - 1]?.name ?? ""] }));
}

function asCustom(check: CheckDefinition): PlannedCheck {
  const name = check.name.startsWith("custom.") ? check.name : `custom.${check.name}`;
  return { ...check, name, after: [] };
}
