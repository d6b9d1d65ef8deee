import { hasRestoreHooks } from "../../checks/backup/disaster.ts";
import { hasBackupHooks } from "../../checks/backup/still-answers.ts";
import type { CheckFunction } from "../../checks/check.ts";
import { assertNoneKilledForMemory } from "../../checks/killed-for-memory.ts";
import type { AppSpec } from "../../compose/app-spec.ts";
import { alwaysRuns, asksItsHealth } from "../../compose/convert/lasting.ts";
import { backupPlan } from "../../compose/labels/backup-labels.ts";
import type { Duration } from "../../lib/duration.ts";
import type { RecipeDefinition } from "../../recipes/define-recipe.ts";
import { lookNow, unlessEnded, unlessEndedBefore } from "./ended-meanwhile.ts";
import type { PlannedCheck, PlannedPhase } from "./planned.ts";
import { stands } from "./serving.ts";

/**
 * How long tasks are watched whose spec has not been watched before: a program that waits for something, and gives up
 * after ten or twelve seconds, was seen to run in every phase, whatever its health check said until then.
 */
const UNCHECKED: Duration = "14 s";
/** The same where they count from when they were first found healthy, some time after their start. */
const CHECKED: Duration = "12 s";
/** How long tasks are watched whose spec has been watched before. */
const AGAIN: Duration = "2 s";

/**
 * Phases that each end with one more look at every task. What dies some seconds after it was seen to run is so charged
 * to the phase in which that happened. Before the tasks end by our own hand, in the disaster of restore or in the
 * teardown, each must have run for a while ({@link firstWatch}); those that were only started again, for less. A check
 * that ends them looks for those that have ended by themselves since the last look. Where another check of the phase
 * fails, and a task has ended by then, its failure begins with that.
 */
export function withLateLooks(phases: PlannedPhase[], definition: RecipeDefinition, head: AppSpec): PlannedPhase[] {
  const run = phases.filter(({ skip }) => !skip);
  const destroying = run.findIndex(({ name }) => name === "restore");
  const last = run.findLastIndex(({ alongside }) => !alongside);
  return phases.map((phase) => {
    if (phase.skip) return phase;
    const restarted = destroying >= 0 && run.indexOf(phase) >= destroying;
    const isWatched = phase.name === "upgrade" || phase === run[destroying - 1] || run.indexOf(phase) >= last;
    const window = definition.stableFor ?? (restarted ? AGAIN : firstWatch(head));
    return withLateLook(phase, { definition, head, stableFor: isWatched ? window : "0 s", restarted });
  });
}

/** A look at every task, and then at what became of their processes. */
function withinMemory(look: CheckFunction): CheckFunction {
  return async (context) => {
    const seen = await look(context);
    await assertNoneKilledForMemory(context);
    return seen;
  };
}

/** How long tasks of a spec are watched that has not been before. A health check holds until the process ends. */
export function firstWatch({ services }: AppSpec): Duration {
  return services.filter(alwaysRuns).every(asksItsHealth) ? CHECKED : UNCHECKED;
}

interface Look {
  definition: RecipeDefinition;
  head: AppSpec;
  stableFor: Duration;
  restarted: boolean;
}

function withLateLook(phase: PlannedPhase, { definition, head, stableFor, restarted }: Look): PlannedPhase {
  const title = "Every service still runs, and none has ended meanwhile";
  const hooked = ["restore", "move"].includes(phase.name) && hasRestoreHooks(backupPlan(head));
  const standing = stands(`${phase.name}.steady`, title, definition, head, {
    fresh: false,
    stableFor,
    restarted,
    hooked,
  });
  const steady = {
    ...standing,
    run: withinMemory(standing.run),
    after: phase.checks.map(({ name }) => name),
    elsewhere: phase.name === "move",
    // Hooks may end what runs, and that is not to be charged to the upgrade.
    beside: phase.name === "upgrade" && !hasBackupHooks(backupPlan(head)),
  };
  const now = lookNow(definition, { restarted });
  const before = lookNow(definition, { restarted, hooked });
  const isAbout = ({ name, dependency }: PlannedCheck) => dependency === undefined && !name.endsWith(".converged");
  const explained = phase.checks.map((one) => (isAbout(one) ? unlessEnded(one, now) : one));
  const checks = explained.map((one) => (one.stops ? unlessEndedBefore(one, before) : one));
  return { ...phase, checks: [...checks, steady] };
}
