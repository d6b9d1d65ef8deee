import { authoredCheck, authoredJourney } from "../../checks/authored.ts";
import type { CheckDefinition } from "../../checks/check.ts";
import { begins } from "../../checks/journey.ts";
import { definitionFile } from "../../compose/env/app-env.ts";
import { UserError } from "../../lib/errors.ts";
import { nearest } from "../../lib/nearest.ts";
import { ASKED_AFTER, type AskedAfter, type OwnCheck, type RecipeDefinition } from "../../recipes/define-recipe.ts";
import { check } from "./planned.ts";

/**
 * What the recipe's definition itself asks after a phase: its journeys, then its checks, each in the order in which
 * they are written.
 *
 * @throws UserError for a phase after which nothing can be asked
 */
export function ownChecks(definition: RecipeDefinition, phase: AskedAfter): CheckDefinition[] {
  const asked = (definition.custom ?? []).filter((one) => phasesOf(one, definition).includes(phase));
  return [...journeys(definition, phase), ...asked.map((one) => ({ ...authoredCheck(one), name: nameOf(one, phase) }))];
}

function journeys(definition: RecipeDefinition, phase: AskedAfter): CheckDefinition[] {
  if (phase === "custom") return [];
  return journeyChecks(definition, `${phase}.journey`, phase === "install");
}

/** A check for each journey, named `<prefix>-<journey>`. @param first it has not begun yet. Default: false */
export function journeyChecks(definition: RecipeDefinition, prefix: string, first = false): CheckDefinition[] {
  const all = (definition.journeys ?? []).map(authoredJourney);
  return all.map((one) => ({
    ...check(`${prefix}-${one.name}`, one.title, first ? begins(one) : one.verify),
    authored: true,
  }));
}

function nameOf({ name }: OwnCheck, phase: AskedAfter): string {
  const short = name.replace(/^custom\./, "");
  return phase === "custom" ? `custom.${short}` : `${phase}.custom-${short}`;
}

function phasesOf({ name, after = ["custom"] }: OwnCheck, definition: RecipeDefinition): readonly AskedAfter[] {
  const wrong = after.find((phase) => !ASKED_AFTER.includes(phase));
  if (wrong === undefined) return after;
  throw new UserError(`check "${name}" is to be asked after "${wrong}"`, {
    place: { file: definitionFile(definition.name), key: "custom.after" },
    remedy: `write ${nearest(wrong, ASKED_AFTER) ?? `some of ${ASKED_AFTER.join(", ")}`}`,
  });
}
