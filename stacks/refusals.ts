import { CheckFailure } from "../checks/check-failure.ts";
import { ROUTED, routed } from "../checks/http/routed.ts";
import { UPGRADABLE, upgradable } from "../checks/upgradable.ts";
import { diffApps } from "../diff/diff-apps.ts";
import type { Owner } from "../lib/owner.ts";
import { NAMES, namesKnown } from "./definition-names.ts";
import { appsOf, type Deployment } from "./deployments.ts";
import { assertSecretsGiven } from "./given-secrets.ts";
import { assertApart } from "./once-on-node.ts";
import { lookAt } from "./plan/dependency-checks.ts";

/** A check that a run would fail before it deploys anything. */
export interface Refusal {
  check: string;
  error: string;
  owner: Owner;
}

/** What a run of these deployments would refuse whatever the node: in the words in which the run says it. */
export function refusals(deployments: readonly Deployment[]): Refusal[] {
  const apart = refusal("prepare.services", () => assertApart(deployments));
  const each = deployments.flatMap((one) => {
    const { definition, base, head } = one;
    const of = (check: string, look: () => unknown) => refusal(check, () => lookAt(one, look));
    return [
      ...of(UPGRADABLE.name, () => base && upgradable(diffApps(base, head))),
      ...of(ROUTED.name, () => routed(head)),
      ...of(NAMES.name, () => namesKnown(definition, appsOf([one]), deployments)),
      ...of("prepare.secrets", () => assertSecretsGiven(definition, appsOf([one]))),
    ];
  });
  return [...apart, ...each];
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
