import type { CheckFunction, ResticOf } from "../../checks/check.ts";
import { noteContents } from "../../checks/volumes/contents.ts";
import type { PlannedCheck, PlannedPhase } from "./planned.ts";

/** The check that compares what head has with what was noted. */
export const KEEPS_CONTENTS = "upgrade.keeps-contents";

/** What base keeps is written down at the last look at it, where the upgrade compares with that. */
export function withNotedBase(
  phases: PlannedPhase[],
  resticOf: ResticOf,
  mayLose?: Record<string, string>,
): PlannedPhase[] {
  if (!phases.some(({ checks }) => checks.some(({ name }) => name === KEEPS_CONTENTS))) return phases;
  const noted = (one: PlannedCheck): PlannedCheck =>
    one.name === "install.steady" ? { ...one, helper: true, run: alsoNotes(one.run, resticOf, mayLose) } : one;
  return phases.map((phase) => ({ ...phase, checks: phase.checks.map(noted) }));
}

function alsoNotes(look: CheckFunction, resticOf: ResticOf, mayLose?: Record<string, string>): CheckFunction {
  return async (context) => {
    const [seen] = await Promise.all([look(context), noteContents(context, resticOf(context), "base", mayLose)]);
    return seen;
  };
}
