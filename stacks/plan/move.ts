import { isBack, takesWrites } from "../../checks/backup/after-restore.ts";
import { hasRestoreHooks, restoresElsewhere } from "../../checks/backup/disaster.ts";
import type { ResticOf } from "../../checks/check.ts";
import { conditionsOf } from "../../checks/health.ts";
import { forgetsName } from "../../checks/http/forgets-name.ts";
import { gone } from "../../checks/seeds/seed.ts";
import { writesOverNothing } from "../../checks/volumes/written-over.ts";
import type { AppSpec } from "../../compose/app-spec.ts";
import { backupPlan } from "../../compose/labels/backup-labels.ts";
import { mainRoute, webPort } from "../../compose/labels/http-routes.ts";
import type { RecipeDefinition } from "../../recipes/define-recipe.ts";
import { besideFirst } from "../beside-first.ts";
import { onceOnNode } from "../once-on-node.ts";
import { journeyChecks } from "./own-checks.ts";
import { chain, check, helperCheck, type LeftOut, type Link, type PlannedCheck } from "./planned.ts";
import { restoreCheck } from "./restore-check.ts";
import { answering, commandCheck, heldSeeds, type Settings, seedCheck, stands } from "./serving.ts";

/** Why an app can't be there twice on one node; undefined where it can. */
export function onlyOnce({ definition, seeds }: Settings, head: AppSpec): string | undefined {
  if (definition.noSecondApp) return definition.noSecondApp;
  if (seeds.some((seed) => seed.destroy)) return "a seed lies outside of the app's own volumes, where both would meet";
  const [once] = onceOnNode(besideFirst(head).app);
  if (once) return once.reason;
  const reserving = head.services.find(({ resources }) => resources?.reservations);
  return reserving && `service ${reserving.key} reserves resources, which the node may not have twice`;
}

/** A new app under another domain, deployed beside the first, to which the backup of the first is restored. */
export function moveChecks(settings: Settings, head: AppSpec, resticOf: ResticOf): PlannedCheck[] {
  const { definition, marker } = settings;
  const held = heldSeeds(settings);
  const hooked = hasRestoreHooks(backupPlan(head));
  const upAs = (subject: string, title: string, restored: boolean) =>
    stands(`move.${subject}`, title, definition, head, {
      fresh: true,
      stableFor: "0 s",
      restarted: restored,
      hooked: restored && hooked,
    });
  const answers = answering(definition, head);
  const checks = chain([
    upAs("new-app", "A new app, under a name of its own, runs beside the first", false),
    ...commandCheck("move", head, "deploy"),
    ...(settings.upgrades ? [writtenCheck(definition, head, resticOf)] : []),
    ...held.map((seed) =>
      seedCheck(settings, `move.without-${seed.name}`, `It has no seed "${seed.name}"`, gone(seed)),
    ),
    {
      ...restoreCheck(
        `move.restored`,
        "The snapshot is restored in it",
        head,
        restoresElsewhere(resticOf, head, definition.afterRestore),
      ),
      stops: !hooked,
    },
    upAs("converged", "Every service of it runs and is healthy", true),
    ...(answers ? [check("move.answers", answers.title, answers.run, answers.deadline)] : []),
    ...forgetsChecks(definition, head),
    ...held.map((seed) => seedCheck(settings, `move.seed-${seed.name}`, `It has seed "${seed.name}"`, isBack(seed))),
    ...(marker ? [] : held).map((seed) =>
      helperCheck(`move.writes-${seed.name}`, `It accepts writes of "${seed.name}"`, takesWrites(seed, resticOf)),
    ),
    ...journeyChecks(definition, `move.journey`),
  ]);
  return checks.map((one) => ({ ...one, elsewhere: true }));
}

/** Only a new app shows what head writes by itself, and only before anything is restored in it. */
function writtenCheck({ mayLose }: RecipeDefinition, head: AppSpec, resticOf: ResticOf): Link {
  const title = "Head wrote over nothing of base's app with what a new app has";
  return helperCheck("move.written-over", title, writesOverNothing(resticOf, head, mayLose));
}

const FORGETS = { name: "move.forgets-name", title: "What it answers leads nobody to the domain that it had" };

/** Where users would see the old name: what they open, and what is asked as the app's health. */
function forgetsChecks({ health, keepsName }: RecipeDefinition, head: AppSpec): Link[] {
  const { domain } = head;
  if (!domain || keepsName || !webPort(head)) return [];
  const paths = conditionsOf(health).flatMap((one) =>
    "http" in one && !one.http.service && !one.http.port ? [one.http.path ?? "/"] : [],
  );
  return [
    check(FORGETS.name, FORGETS.title, forgetsName(domain, [...new Set([mainRoute(head)?.path ?? "/", ...paths])])),
  ];
}

/** What the definition says can't be had. */
export function keptName({ keepsName }: RecipeDefinition): LeftOut[] {
  return keepsName ? [{ ...FORGETS, reason: keepsName }] : [];
}
