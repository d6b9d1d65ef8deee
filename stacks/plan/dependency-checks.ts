import type { CheckContext, CheckFunction } from "../../checks/check.ts";
import { CheckFailure } from "../../checks/check-failure.ts";
import { failureOf } from "../../checks/recorder.ts";
import type { Deployment } from "../deployments.ts";
import { type Signing, signOnChecks } from "../sign-on.ts";
import { type Explanation, explained } from "./explained.ts";
import { chain, type Link, type PlannedCheck, type PlannedPhase } from "./planned.ts";
import { serving, stands } from "./serving.ts";

/**
 * That a dependency is ready, before anything starts that needs it: its own definition says what that means.
 * @param parents all that may need it
 */
export function readyChecks({ definition, head }: Deployment, parents: readonly Signing[]): PlannedCheck[] {
  const { name } = definition;
  const asked: Link[] = [...serving("install", { definition, seeds: [] }, head), ...signOnChecks(definition, parents)];
  const own = asked.map((one) => ({ ...one, name: one.name.replace(/^install\./, `install.${name}.`) }));
  return chain(own.map((one) => ({ ...checkOf(name, one), gate: true })));
}

/**
 * Phases that each end with a look at what the recipe needs, and in which no failure is charged to the recipe while
 * one of those is down.
 */
export function withDependencies(phases: PlannedPhase[], dependencies: readonly Deployment[]): PlannedPhase[] {
  if (dependencies.length === 0) return phases;
  return phases.map((phase) => {
    if (phase.skip) return phase;
    const after = phase.checks.map(({ name }) => name);
    const looks = dependencies.map((one) => ({ ...stillStands(phase, one), after }));
    return { ...phase, checks: [...phase.checks.map((one) => unlessDown(one, dependencies)), ...looks] };
  });
}

/** That all tasks of a dependency run, and no more of them failed than may as it starts. */
function stillStands({ name: phase }: Pick<PlannedPhase, "name">, { definition, head }: Deployment) {
  const how = { fresh: false, stableFor: "0 s" } as const;
  const title = "Every service still runs, and none has ended meanwhile";
  const quick = { ...definition, convergence: "5 s" } as const;
  return checkOf(definition.name, stands(`${phase}.${definition.name}.steady`, title, quick, head, how));
}

function unlessDown(check: PlannedCheck, dependencies: readonly Deployment[]): PlannedCheck {
  if (check.dependency !== undefined) return check;
  return explained(check, (context) => firstDown(dependencies, context));
}

/** What is wrong with the first dependency that does not run; undefined while all do, and where it can't be said. */
async function firstDown(dependencies: readonly Deployment[], context: CheckContext): Promise<Explanation | undefined> {
  for (const one of dependencies) {
    try {
      await stillStands({ name: "install" }, one).run({ ...context, app: one.head });
    } catch (error) {
      const { owner, error: said } = failureOf(error);
      if (owner === "dependency") return { said, owner };
    }
  }
  return undefined;
}

/** A check of another recipe says nothing of the one that is judged. */
function checkOf<T extends { title: string; run: CheckFunction }>(name: string, check: T) {
  const run: CheckFunction = async (context) => {
    try {
      return await check.run(context);
    } catch (error) {
      throw charged(name, error);
    }
  };
  return { ...check, title: `${name}: ${check.title}`, run, dependency: name, late: "dependency" as const };
}

/** Looks at a deployment; what fails of one that the subject needs says so, and is not charged to the subject. */
export function lookAt<T>(deployment: Deployment, look: () => T): T {
  try {
    return look();
  } catch (error) {
    throw chargedTo(deployment, error);
  }
}

/** What fails as a deployment is looked at, as {@link lookAt} throws it. */
export function chargedTo({ role, definition }: Deployment, error: unknown): unknown {
  return role === "subject" ? error : charged(definition.name, error);
}

/** What was found of a dependency, in its own name; what is nobody's recipe's fault stays whose it is. */
function charged(name: string, error: unknown): unknown {
  const { error: said, owner, evidence } = failureOf(error);
  if (owner !== "recipe" && !(error instanceof CheckFailure)) return error;
  const message = `dependency ${name}: ${said}`;
  return new CheckFailure(message, { owner: owner === "recipe" ? "dependency" : owner, details: evidence });
}
