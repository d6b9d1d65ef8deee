import { isDeepStrictEqual } from "node:util";
import { authoredSeed } from "../../checks/authored.ts";
import type { CheckContext } from "../../checks/check.ts";
import type { Restic } from "../../checks/restic.ts";
import { intact, plant } from "../../checks/seeds/seed.ts";
import { versionMoved } from "../../checks/version-moved.ts";
import { notedRefusals } from "../../checks/volumes/contents.ts";
import { hiddenFolders, hidesNothing } from "../../checks/volumes/hidden-data.ts";
import { keepsAccess } from "../../checks/volumes/keeps-access.ts";
import { upgradeKeeps } from "../../checks/volumes/keeps-contents.ts";
import { keepsData } from "../../checks/volumes/keeps-data.ts";
import { keepsDatabases } from "../../checks/volumes/keeps-databases.ts";
import { keepsVolumes } from "../../checks/volumes/keeps-volumes.ts";
import { mayWriteToVolumes, writtenVolumes } from "../../checks/volumes/may-write.ts";
import { changedCredentials, opensDatabases } from "../../checks/volumes/opens-databases.ts";
import { letsAppIn } from "../../checks/volumes/refused-logins.ts";
import { coveredFolders, takesFiles } from "../../checks/volumes/takes-files.ts";
import type { AppSpec, ServiceSpec } from "../../compose/app-spec.ts";
import { definitionFile } from "../../compose/env/app-env.ts";
import { databaseServices } from "../../compose/labels/databases.ts";
import { changesOfSwarm, diffApps } from "../../diff/diff-apps.ts";
import { UserError } from "../../lib/errors.ts";
import { present } from "../../lib/present.ts";
import type { RecipeDefinition } from "../../recipes/define-recipe.ts";
import { type Deployment, dependenciesOf, subjectOf } from "../deployments.ts";
import { lackingGrants, type Signing } from "../sign-on.ts";
import { backupPhases, repositoryCheck } from "./backup-phases.ts";
import { defaultSeed } from "./default-seed.ts";
import { readyChecks, withDependencies } from "./dependency-checks.ts";
import { withLateLooks } from "./late-look.ts";
import { KEEPS_CONTENTS, withNotedBase } from "./noted-base.ts";
import { ownChecks } from "./own-checks.ts";
import { chain, check, followed, helperCheck, type Link, type PlannedCheck, type PlannedPhase } from "./planned.ts";
import { type Settings, seedCheck, serving } from "./serving.ts";

export interface PlanArgs {
  definition: RecipeDefinition & Signing;
  /** The newest release older than head; undefined when there is none. */
  base?: AppSpec;
  head: AppSpec;
  /** Head is a release itself: one that changes nothing is a mistake. Default: false. */
  release?: boolean;
  /** Head is deployed on what base keeps, once base is undeployed. Default: base is updated in place. */
  reattach?: boolean;
  /** Other recipes that it needs, in the order in which they can be deployed. Default: none. */
  dependencies?: readonly Deployment[];
}

/**
 * What a run will assert, phase by phase: plain data, computed before anything is deployed.
 * @throws UserError for two checks of one name
 */
export function planPhases(args: PlanArgs): PlannedPhase[] {
  const { definition, base, head, dependencies = [] } = args;
  const first = base ?? head;
  const marker = definition.seeds ? undefined : defaultSeed(first, head, resticOf, definition.mayLose);
  const seeds = definition.seeds?.map(authoredSeed) ?? (marker ? [marker.seed] : []);
  const upgrades = withoutUpgrade(args) === undefined;
  const settings = { definition, seeds, marker, upgrades, anew: args.reattach };
  const backup = backupPhases(settings, head, resticOf);
  const ready = backup.some((phase) => !phase.skip) ? [repositoryCheck(resticOf)] : [];
  const parents = [definition, ...dependencies.map((one) => one.definition)];
  const helped = marker !== undefined || ready.length > 0;
  const gates = dependencies.flatMap((one) => readyChecks(one, parents));
  const phases: PlannedPhase[] = [
    {
      name: "install",
      app: first,
      checks: [...gates, ...installChecks(settings, first, head, helped), ...ready],
      leftOut: dependencies.flatMap((one) => lackingGrants(one.definition, parents)),
    },
    upgradePhase(settings, args, helped),
    ...backup,
    customPhase(definition, head),
  ];
  const late = withLateLooks(phases, definition, head);
  const watched = withDependencies(withNotedBase(late, resticOf, definition.mayLose), dependencies);
  return assertDistinct(watched, definition);
}

/** What a run of these deployments will assert. @throws UserError as {@link planPhases} */
export function planRun(deployments: readonly Deployment[]): PlannedPhase[] {
  return planPhases({ ...subjectOf(deployments), dependencies: dependenciesOf(deployments) });
}

/** Whether a plan has a second app, to which the backup of the first is restored. */
export function restoresElsewhere(plan: readonly PlannedPhase[]): boolean {
  return plan.some(({ checks }) => checks.some(({ elsewhere }) => elsewhere));
}

// A check's name is the name of its resource, which must be unique in a stack.
function assertDistinct(phases: PlannedPhase[], { name: recipe }: RecipeDefinition): PlannedPhase[] {
  const names = phases.flatMap((phase) => phase.checks.map((one) => one.name));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return phases;
  throw new UserError(`two checks are named "${twice}"`, {
    place: { file: definitionFile(recipe) },
    remedy: "give each seed and each custom check in the recipe's ci.ts a name of its own",
  });
}

// Of base nobody has to mend anything: what head makes of its data is asked of the upgrade. A database that head keeps
// elsewhere than base is asked for in base as well, since one that is lost already is no fault of head's.
function installChecks(settings: Settings, app: AppSpec, head: AppSpec, helped: boolean): PlannedCheck[] {
  const isHead = app === head;
  const databases = databaseServices(app, settings.definition.mayLose);
  const keeping = isHead ? databases : databases.filter((one) => isKeptElsewhere(one, head));
  return chain([
    ...serving("install", settings, app),
    ...(keeping.length > 0 ? [check("install.keeps-databases", KEEPS_DATABASES, keepsDatabases(keeping))] : []),
    ...(isHead && databases.length > 0 ? [check("install.lets-in", LETS_IN, letsAppIn(databases))] : []),
    ...(isHead ? [check("install.keeps-data", KEEPS_DATA, keepsData(settings.definition.mayLose))] : []),
    ...(isHead && helped ? writing("install", settings, app) : []),
    ...settings.seeds.map((seed) =>
      seedCheck(settings, `install.seed-${seed.name}`, `Seed "${seed.name}" is written and read back`, plant(seed)),
    ),
    ...ownChecks(settings.definition, "install"),
  ]);
}

/** Whether head has a database's volumes or data at another place, or an image that may. */
function isKeptElsewhere({ key, image, mounts, env }: ServiceSpec, head: AppSpec): boolean {
  const now = head.services.find((one) => one.key === key);
  const places = (of: ServiceSpec["mounts"]) => of.map(({ source, target }) => `${source}:${target}`);
  return (
    now !== undefined &&
    (image !== now.image || env.PGDATA !== now.env.PGDATA || !isDeepStrictEqual(places(mounts), places(now.mounts)))
  );
}

/** That the app may write to its volumes, before anything of ours lies in there. */
function writing(phase: "install" | "upgrade", { definition }: Settings, app: AppSpec): Link[] {
  if (writtenVolumes(app).length === 0) return [];
  const run = mayWriteToVolumes(resticOf, definition.mayLose);
  return [helperCheck(`${phase}.may-write`, "The app may write to its volumes", run)];
}

const LETS_IN = "The app's databases let it in";
const KEEPS_DATABASES = "What databases keep lies in volumes of the recipe";
const KEEPS_DATA = "What must last lies in volumes with a name";

/** Most changes of a repository are of its words alone. A release of such a change proves nothing, and fails. */
function upgradePhase(settings: Settings, args: PlanArgs, helped: boolean): PlannedPhase {
  const { base, head, reattach = false } = args;
  const phase = { name: "upgrade", app: head } as const;
  const skip = withoutUpgrade(args);
  if (!base || skip !== undefined) return { ...phase, skip, checks: [] };
  return { ...phase, checks: upgradeChecks(settings, { base, head, reattach }, helped) };
}

function withoutUpgrade({ base, head, release = false }: PlanArgs): string | undefined {
  if (!base) return "the recipe has no release older than head";
  if (release || changesOfSwarm(diffApps(base, head)).length > 0) return undefined;
  return `head changes nothing that is deployed since ${base.version ?? base.commit.slice(0, 8)}`;
}

interface Upgrade {
  base: AppSpec;
  head: AppSpec;
  reattach: boolean;
}

function upgradeChecks(settings: Settings, { base, head, reattach }: Upgrade, helped: boolean): PlannedCheck[] {
  const serves = chain(serving("upgrade", settings, head));
  const after = serves.slice(0, 1).map(({ name }) => name);
  const moved = check(
    "upgrade.version-moved",
    `The app really moved from base to head, ${reattach ? "deployed anew on what base keeps" : "in place"}`,
    versionMoved(base, head, reattach ? "anew" : "in place"),
  );
  const keeps = check(
    "upgrade.keeps-volumes",
    "Head has its data where base left them",
    keepsVolumes(base, head, settings.definition.mayLose),
  );
  const access = helperCheck(
    "upgrade.keeps-access",
    "Head may write to the files that base wrote",
    keepsAccess(base, resticOf, settings.definition.mayLose),
  );
  const folders = hiddenFolders(base, head);
  const hides = helperCheck(
    "upgrade.hides-nothing",
    "Head mounts nothing over files of base",
    hidesNothing(folders, resticOf, settings.definition.mayLose),
  );
  const covered = coveredFolders(base, head);
  const takes = helperCheck(
    "upgrade.takes-files",
    "The app has what head's images bring at the place of a volume",
    takesFiles(covered, resticOf, settings.definition.mayLose),
  );
  const changed = changedCredentials(base, head);
  const opens = check("upgrade.opens-databases", "What head says opens the databases of base", opensDatabases(changed));
  const servers = databaseServices(head, settings.definition.mayLose);
  const before = (context: CheckContext) => notedRefusals(context.app, resticOf(context), "base");
  const lets = helperCheck("upgrade.lets-in", LETS_IN, letsAppIn(servers, before));
  const inVolumes = [
    ...(servers.length > 0 ? [check("upgrade.keeps-databases", KEEPS_DATABASES, keepsDatabases(servers))] : []),
    ...(changed.size > 0 ? [opens] : []),
    ...(helped && servers.length > 0 ? [lets] : []),
    ...(helped ? writing("upgrade", settings, head) : []),
    ...(helped ? [access, ...(folders.length > 0 ? [hides] : []), ...(covered.length > 0 ? [takes] : [])] : []),
  ];
  // What head says of a database is told before whom that keeps out.
  const asked = ({ name }: { name: string }) => (name === lets.name && changed.size > 0 ? [opens.name] : after);
  const looked = [moved, keeps, ...inVolumes].map((one) => ({ ...one, after: asked(one) }));
  const seeds = settings.seeds.map((seed) =>
    seedCheck(settings, `upgrade.seed-${seed.name}`, `Seed "${seed.name}" survived the upgrade`, intact(seed)),
  );
  const contents = {
    ...helperCheck(
      KEEPS_CONTENTS,
      "Head has what base's app wrote",
      upgradeKeeps(resticOf, settings.definition.mayLose),
    ),
    after: serves.slice(-1).map(({ name }) => name),
  };
  const kept = seeds.map((one) => ({ ...one, after: [keeps.name] }));
  return followed(
    [...serves, ...looked, ...(helped ? [contents] : []), ...kept],
    ownChecks(settings.definition, "upgrade"),
  );
}

function customPhase(definition: RecipeDefinition, app: AppSpec): PlannedPhase {
  const checks = chain(ownChecks(definition, "custom"));
  if (checks.length > 0) return { name: "custom", app, checks };
  const asked = definition.custom?.length ? "has them all asked in earlier phases" : "has no checks of its own";
  return { name: "custom", app, skip: `the recipe's definition ${asked}`, checks };
}

function resticOf({ resticOf: of, app }: CheckContext): Restic {
  return present(of, "the backup helper of a run whose plan asks it")(app);
}
