import { mailServerOf } from "../checks/mail/server.ts";
import type { AppSpec } from "../compose/app-spec.ts";
import { namesElsewhere, type RunNames, runNames } from "../compose/env/stack-name.ts";
import { describe, UserError, UserErrors, userErrors } from "../lib/errors.ts";
import type { Owner } from "../lib/owner.ts";
import { present } from "../lib/present.ts";
import type { RecipeDefinition } from "../recipes/define-recipe.ts";
import { findDependencies } from "../recipes/dependencies.ts";
import { type SettledDefinition, settle } from "../recipes/settle.ts";
import { keepDropped } from "./keep-dropped.ts";
import { reached, type StackPhase } from "./phases.ts";
import { type Located, loadElsewhere, loadVersions, locateNewest, type Versions } from "./versions.ts";

/** What a recipe is in a run: what is judged, or what that needs. */
export type Role = "subject" | "dependency" | "platform";

/** One recipe in a run, as it is found. */
export interface LocatedRecipe {
  definition: SettledDefinition;
  located: Located;
}

/** One recipe at one version in a run. All of a run live in one stack. */
export interface Deployment extends Versions, RunNames {
  role: Role;
  definition: SettledDefinition;
  /** Head is deployed on what base keeps, once base is undeployed. Default: base is updated in place. */
  reattach?: boolean;
}

/** A recipe that others need can't be read: nothing can be said about those. */
export class BrokenDependency extends UserErrors {
  readonly owner = "dependency" satisfies Owner;
}

/** Every recipe of a run, as it is found: the one under test, and what that needs, in an order that can be followed. */
export interface LocatedRecipes extends LocatedRecipe {
  /** Each after those that it needs itself. */
  dependencies: LocatedRecipe[];
  /** What each is called in this run. */
  namesOf: NamesOf;
  /** How the one under test is upgraded, as in {@link Deployment}. Default: in place. */
  reattach?: boolean;
}

/** The names that recipes have in a run, by recipe. */
export type NamesOf = (recipe: string) => RunNames;

/** The names of a run. @param baseDomain as for {@link runNames} */
export function namesIn(run: string, baseDomain?: string): NamesOf {
  return (recipe) => runNames(recipe, run, baseDomain);
}

/**
 * Finds what a recipe needs, and settles all definitions for one run.
 * @throws UserError for dependencies that can't be, and for a recipe that is not where it should be
 */
export async function locateRecipes(
  definition: RecipeDefinition,
  located: Located,
  { namesOf, catalogue }: { namesOf: NamesOf; catalogue?: string },
): Promise<LocatedRecipes> {
  const found = await findDependencies(definition, catalogue);
  const others = found.map((one) => one.definition);
  const settled = settle(definition, others, namesOf);
  const dependencies = found.map(async (one) => ({
    definition: settle(one.definition, others, namesOf),
    located: await locateNewest(one.definition, one.ref),
  }));
  return { definition: settled, located, dependencies: await Promise.all(dependencies), namesOf };
}

/**
 * A recipe's definition as it is settled in a run, for who only looks at the recipe.
 * @throws UserError as {@link locateRecipes}
 */
export async function settleAlone(definition: RecipeDefinition, run: string): Promise<SettledDefinition> {
  const others = (await findDependencies(definition)).map((one) => one.definition);
  return settle(definition, others, namesIn(run));
}

/**
 * Reads all recipes of a run.
 * @returns dependencies first, each after those that it needs itself, and the subject last
 * @throws UserError(s) and BrokenBase as {@link loadVersions}, for the subject
 * @throws BrokenDependency for any other
 */
export async function loadDeployments({
  dependencies,
  namesOf,
  reattach,
  ...subject
}: LocatedRecipes): Promise<Deployment[]> {
  const load = async (role: Role, { definition, located }: LocatedRecipe): Promise<Deployment> => {
    const names = namesOf(definition.name);
    return { ...(await loadVersions({ definition, names }, located)), ...names, role, definition };
  };
  const loading = await Promise.allSettled([
    load("subject", subject),
    ...dependencies.map((one) => load("dependency", one).catch((error) => brokenDependency(one, error))),
  ]);
  // Of several mistakes the subject's own comes first.
  const [head, ...others] = loading.map((one) => {
    if (one.status === "rejected") throw one.reason;
    return one.value;
  });
  return [...others, { ...present(head, "the recipe under test"), ...(reattach && { reattach }) }];
}

/** The subject's head once more under other names, as it is deployed: for a restore on a new server. */
export async function loadSecond({ definition, located, namesOf }: LocatedRecipes): Promise<AppSpec> {
  const names = namesOf(definition.name);
  return loadElsewhere({ definition: withMailElsewhere(definition, names), names }, located);
}

/** As it is elsewhere, where it sends its mail to a server of its own. */
export function withMailElsewhere(definition: SettledDefinition, names: RunNames): SettledDefinition {
  if (!definition.mail) return definition;
  const hostOf = ({ namespace }: RunNames) => mailServerOf(namespace).host;
  const [here, there] = [hostOf(names), hostOf(namesElsewhere(names))];
  const moved = (variables: SettledDefinition["env"]) =>
    variables &&
    Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, value.replaceAll(here, there)]));
  return { ...definition, env: moved(definition.env), upgradeEnv: moved(definition.upgradeEnv) };
}

function brokenDependency({ definition: { name } }: LocatedRecipe, error: unknown): never {
  if (!(error instanceof UserError || error instanceof UserErrors)) throw error;
  const said = userErrors(error).map((one) => new UserError(`dependency ${name}: ${describe(one)}`, { cause: one }));
  throw new BrokenDependency(said);
}

/** What a run is about. */
export function subjectOf<T extends { role: Role }>(deployments: readonly T[]): T {
  return present(
    deployments.find(({ role }) => role === "subject"),
    "the recipe under test",
  );
}

/** All others of a run, in the order in which they can be deployed. */
export function dependenciesOf<T extends { role: Role }>(deployments: readonly T[]): T[] {
  return deployments.filter(({ role }) => role !== "subject");
}

/** Every app that is deployed at some time. */
export function appsOf(deployments: readonly Pick<Deployment, "base" | "head">[]): AppSpec[] {
  return deployments.flatMap(({ base, head }) => (base ? [base, head] : [head]));
}

/** What a deployment is at a phase. */
export function appNow(
  { base, head, reattach }: Pick<Deployment, "base" | "head" | "reattach">,
  phase: StackPhase,
): AppSpec {
  if (!base) return head;
  if (!reached(phase, "upgrade")) return base;
  const kept = keepDropped(base, head);
  // Undeployed, base has no service left that could go on.
  return reattach ? { ...kept, services: head.services } : kept;
}
