import { STORE } from "../checks/backup/store.ts";
import { Guard } from "../components/guard.ts";
import { stepRefusal } from "./phase-step.ts";
import type { StackPhase } from "./phases.ts";

/** What the guard of a recipe's stack has to know. */
export interface RecipeGuardArgs {
  run: string;
  /** Engine, `unix:///…`. */
  dockerHost: string;
  /** The stack holds everything up to this phase. */
  phase: StackPhase;
  /** The phases that are not left out, in their order. */
  planned: readonly StackPhase[];
}

/** What the guard is told. */
export interface Charge extends Omit<RecipeGuardArgs, "dockerHost"> {
  /** Where the run's backups lie. Default: on the node. */
  store?: string;
}

/**
 * The guard of a recipe's stack: refuses steps that go back, or upgrade what was never installed, and at the end
 * removes what bears the run's label. See `guard-main.ts`.
 */
export function recipeGuard({ run, dockerHost, phase, planned }: RecipeGuardArgs): Guard {
  const store = process.env[STORE.variable];
  return new Guard("guard", {
    program: ["stacks/guard-main.ts"],
    begin: "begin",
    known: stepRefusal(undefined, phase, planned) === undefined ? phase : undefined,
    end: "end",
    environment: { DOCKER_HOST: dockerHost, RECIPE_CI_GUARD: JSON.stringify({ run, phase, planned, store }) },
  });
}
