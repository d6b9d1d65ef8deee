import type { Command } from "commander";
import type { WantedImage } from "../../images/ensure.ts";
import { findRecipe } from "../../recipes/find.ts";
import { loadDeployments, locateRecipes, namesIn, type Role, subjectOf } from "../../stacks/deployments.ts";
import type { PlannedPhase } from "../../stacks/plan/planned.ts";
import { planRun } from "../../stacks/plan/recipe-plan.ts";
import { sidecarImages } from "../../stacks/prepare-images.ts";
import { type Refusal, refusals } from "../../stacks/refusals.ts";
import { locateVersions } from "../../stacks/versions.ts";
import { EXIT } from "../exit.ts";
import { ProgressPrinter } from "../progress.ts";
import { readyDockerCli } from "../ready-docker-cli.ts";
import { type RecipeArguments, recipeCommand } from "../recipe-arguments.ts";

/** `recipe-ci plan`: what a run would assert, and why parts are left out; nothing is deployed. */
export function planCommand(): Command {
  return recipeCommand("plan", { verb: "test", json: "as JSON" })
    .description("show what a run would do: base, head, phases and checks; nothing is deployed")
    .action(async (recipe: string, options: RecipeArguments) => {
      const definition = await findRecipe(recipe, options.source);
      const located = await locateVersions(definition, options);
      await readyDockerCli(new ProgressPrinter());
      const recipes = await locateRecipes(definition, located, { namesOf: namesIn(`plan-${recipe}`) });
      const deployments = await loadDeployments(recipes);
      const { base, head, warnings } = subjectOf(deployments);
      const phases = planRun(deployments);
      const version = (app: typeof head) => ({ version: app.version, commit: app.commit });
      const plan = {
        recipe,
        source: located.repo.location,
        base: base && version(base),
        head: version(head),
        deployments: deployments.map(({ role, definition: { name }, head }) => ({
          role,
          recipe: name,
          ...version(head),
        })),
        sidecars: sidecarImages(deployments).map(({ image, usedBy }) => ({ image, usedBy })),
        phases: phases.map(({ name, skip, checks, leftOut }) => ({
          name,
          skip,
          leftOut,
          checks: checks.map(({ name: check, title, after }) => ({ name: check, title, after })),
        })),
        refused: refusals(deployments),
        warnings,
      };
      console.log(options.json ? JSON.stringify(plan, null, 2) : asText(plan, phases));
      process.exitCode = exitCodeOf(plan.refused);
    });
}

/** That of the run. */
function exitCodeOf(refused: readonly Refusal[]): number {
  if (refused.length === 0) return EXIT.pass;
  return refused.some(({ owner }) => owner === "recipe") ? EXIT.recipe : EXIT.infra;
}

interface Plan {
  recipe: string;
  base?: { version?: string; commit: string };
  head: { version?: string; commit: string };
  deployments: { role: Role; recipe: string; version?: string; commit: string }[];
  sidecars: Pick<WantedImage, "image" | "usedBy">[];
  refused: Refusal[];
  warnings: string[];
}

function asText(plan: Plan, phases: PlannedPhase[]): string {
  const name = (one: Plan["head"]) => `${one.version ?? "(no version)"} ${one.commit.slice(0, 8)}`;
  const lines = [`${plan.recipe}: ${plan.base ? `${name(plan.base)} -> ` : ""}${name(plan.head)}`];
  const needed = plan.deployments.filter(({ role }) => role === "dependency");
  for (const one of needed) lines.push(`needs ${one.recipe} ${name(one)}`);
  for (const { image, usedBy } of plan.sidecars)
    lines.push(`beside the app ${image}, for ${usedBy.file} ${usedBy.key}`);
  for (const phase of phases) {
    lines.push("", phase.skip ? `${phase.name}: left out, ${phase.skip}` : phase.name);
    for (const check of phase.checks) lines.push(`  ${check.name.padEnd(26)} ${check.title}`);
    for (const { name, reason } of phase.leftOut ?? []) lines.push(`  ${name.padEnd(26)} left out: ${reason}`);
  }
  if (plan.refused.length) lines.push("", "refused before anything is deployed");
  for (const { check, error } of plan.refused) lines.push(`  ${check}: ${error.replaceAll("\n", "\n    ")}`);
  if (plan.warnings.length) lines.push("", "warnings", ...plan.warnings.map((warning) => `  ${warning}`));
  return lines.join("\n");
}
