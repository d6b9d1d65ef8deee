import { CheckFailure, type CheckFunction } from "../checks/check.ts";
import { failureOf } from "../checks/recorder.ts";
import type { Deployment } from "./deployments.ts";
import { chain, type PlannedCheck } from "./planned.ts";
import { serving } from "./serving.ts";

/** That a dependency is ready, before anything starts that needs it: its own definition says what that means. */
export function readyChecks({ definition, head }: Deployment): PlannedCheck[] {
  const { name } = definition;
  const asked = serving("install", { definition, seeds: [] }, head);
  const own = asked.map((one) => ({ ...one, name: one.name.replace(/^install\./, `install.${name}.`) }));
  return chain(own.map((one) => ({ ...checkOf(name, one), gate: true })));
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

/** Looks at a dependency, to which is charged what else would be to the recipe. */
export function ofDependency<T>(name: string, look: () => T): T {
  try {
    return look();
  } catch (error) {
    throw charged(name, error);
  }
}

function charged(name: string, error: unknown): unknown {
  const failure = failureOf(error);
  if (failure.owner !== "recipe") return error;
  return new CheckFailure(`dependency ${name}: ${failure.error}`, { owner: "dependency", details: failure.evidence });
}
