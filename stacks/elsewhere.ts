import { isBack, takesWrites } from "../checks/backup/after-restore.ts";
import { restoresElsewhere } from "../checks/backup/disaster.ts";
import type { ResticOf } from "../checks/restic.ts";
import { gone } from "../checks/seeds/seed.ts";
import type { AppSpec } from "../compose/app-spec.ts";
import { onceOnNode } from "./once-on-node.ts";
import { journeyChecks } from "./own-checks.ts";
import { chain, check, helperCheck, type PlannedCheck } from "./planned.ts";
import { restoreCheck } from "./restore-check.ts";
import { answering, heldSeeds, type Settings, seedCheck, stands } from "./serving.ts";

/** What the checks of {@link elsewhereChecks} are about. */
export const ELSEWHERE = {
  name: "restore.elsewhere",
  title: "The backup is restored in a new app on a new server",
};

/** Why an app can't be there twice on one node; undefined where it can. */
export function onlyOnce({ definition, seeds }: Settings, head: AppSpec): string | undefined {
  if (definition.noSecondApp) return definition.noSecondApp;
  if (seeds.some((seed) => seed.destroy)) return "a seed lies outside of the app's own volumes, where both would meet";
  const [once] = onceOnNode(head);
  if (once) return once.reason;
  const reserving = head.services.find(({ resources }) => resources?.reservations);
  return reserving && `service ${reserving.key} reserves resources, which the node may not have twice`;
}

/** A new app, deployed beside the first, to which the backup of the first is restored. */
export function elsewhereChecks(settings: Settings, head: AppSpec, resticOf: ResticOf): PlannedCheck[] {
  const { definition, marker } = settings;
  const held = heldSeeds(settings);
  const upAs = (subject: string, title: string, restarted: boolean) =>
    stands(`${ELSEWHERE.name}-${subject}`, title, definition, head, { fresh: true, stableFor: "0 s", restarted });
  const answers = answering(definition, head);
  const checks = chain([
    upAs("deployed", "A new app runs beside the first", false),
    ...held.map((seed) =>
      seedCheck(settings, `${ELSEWHERE.name}-without-${seed.name}`, `It has no seed "${seed.name}"`, gone(seed)),
    ),
    restoreCheck(
      `${ELSEWHERE.name}-restored`,
      "The snapshot is restored in it",
      head,
      restoresElsewhere(resticOf, head, definition.afterRestore),
    ),
    upAs("converged", "Every service of it runs and is healthy", true),
    ...(answers ? [check(`${ELSEWHERE.name}-answers`, answers.title, answers.run, answers.deadline)] : []),
    ...held.map((seed) =>
      seedCheck(settings, `${ELSEWHERE.name}-seed-${seed.name}`, `It has seed "${seed.name}"`, isBack(seed)),
    ),
    ...(marker ? [] : held).map((seed) =>
      helperCheck(
        `${ELSEWHERE.name}-writes-${seed.name}`,
        `It accepts writes of "${seed.name}"`,
        takesWrites(seed, resticOf),
      ),
    ),
    ...journeyChecks(definition, `${ELSEWHERE.name}-journey`),
  ]);
  return checks.map((one) => ({ ...one, elsewhere: true }));
}
