import { CheckFailure } from "../checks/check.ts";
import { ROUTED, routed } from "../checks/routed.ts";
import { UPGRADABLE, upgradable } from "../checks/upgradable.ts";
import { diffApps } from "../diff/diff-apps.ts";
import type { Owner } from "../lib/owner.ts";
import type { RecipeDefinition } from "../recipes/define-recipe.ts";
import { NAMES, namesKnown } from "./definition-names.ts";
import { assertSecretsGiven } from "./given-secrets.ts";
import type { Versions } from "./versions.ts";

/** A check that a run would fail before it deploys anything. */
export interface Refusal {
  check: string;
  error: string;
  owner: Owner;
}

/** What a run of these versions would refuse whatever the node: in the words in which the run says it. */
export function refusals(definition: RecipeDefinition, { base, head }: Versions): Refusal[] {
  const apps = base ? [base, head] : [head];
  return [
    ...refusal(UPGRADABLE.name, () => base && upgradable(diffApps(base, head))),
    ...refusal(ROUTED.name, () => routed(head)),
    ...refusal(NAMES.name, () => namesKnown(definition, apps)),
    ...refusal("prepare.secrets", () => assertSecretsGiven(definition, apps)),
  ];
}

function refusal(check: string, look: () => unknown): Refusal[] {
  try {
    look();
    return [];
  } catch (error) {
    if (!(error instanceof CheckFailure)) throw error;
    return [{ check, error: error.message, owner: error.owner }];
  }
}
