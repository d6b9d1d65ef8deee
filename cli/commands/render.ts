import type { Command } from "commander";
import type { AppSpec } from "../../compose/app-spec.ts";
import { runNames } from "../../compose/env/stack-name.ts";
import { diffApps } from "../../diff/diff-apps.ts";
import { forOperators } from "../../diff/operators.ts";
import { plainText } from "../../lib/plain-text.ts";
import { maskedApp } from "../../masking/mask-app.ts";
import { findRecipe } from "../../recipes/find.ts";
import { appText } from "../../report/terminal/app/app.ts";
import { changesText } from "../../report/terminal/changes.ts";
import { settleAlone } from "../../stacks/deployments.ts";
import { loadVersions, locateVersions } from "../../stacks/versions.ts";
import { EXIT } from "../exit.ts";
import { ProgressPrinter } from "../progress.ts";
import { readyDockerCli } from "../ready-docker-cli.ts";
import { type RecipeArguments, recipeCommand } from "../recipe-arguments.ts";

interface RenderOptions extends RecipeArguments {
  against?: string;
  full?: boolean;
}

/** `recipe-ci render`: what a recipe asks of a Swarm at a ref, or what changes between two. */
export function renderCommand(): Command {
  return recipeCommand("render", {
    verb: "render",
    json: "as JSON: the AppSpec, secrets hidden, or base, head, what operators have to do, and changes",
  })
    .description("show what a recipe asks of a Swarm at a ref, or what changes from another ref to it")
    .option("--against <ref>", "show what changes from that ref instead; exit code 1 if no Swarm takes the change")
    .option("--full", "with the value of every variable of service app")
    .action(async (recipe: string, options: RenderOptions) => {
      const definition = await findRecipe(recipe, options.source);
      const located = await locateVersions(definition, options);
      await readyDockerCli(new ProgressPrinter());
      const baseCommit = options.against === undefined ? undefined : await located.repo.resolve(options.against);
      const name = `render-${recipe}`;
      const settled = await settleAlone(definition, name);
      const { base, head, warnings } = await loadVersions(
        { definition: settled, names: runNames(recipe, name) },
        { ...located, baseCommit, baseName: options.against },
      );
      if (!base || baseCommit === undefined) {
        const app = { ...head, warnings };
        console.log(options.json ? JSON.stringify(maskedApp(app), null, 2) : appText(app, options.full ?? false));
        return;
      }
      const { repo, headCommit } = located;
      const files = { base: await repo.list(baseCommit), head: await repo.list(headCommit) };
      const operators = forOperators(base, head, { files, told: settled.upgradeEnv });
      process.exitCode = printChanges(base, head, operators, options.json ?? false);
    });
}

function printChanges(base: AppSpec, head: AppSpec, operators: readonly string[], json: boolean): number {
  // What operators are told is not told again as a warning that came with head.
  const warnings = head.warnings.filter((warning) => !operators.includes(warning));
  const changes = diffApps(base, { ...head, warnings });
  const named = ({ version, commit }: AppSpec) => ({ version, commit });
  if (json) console.log(JSON.stringify({ base: named(base), head: named(head), operators, changes }, null, 2));
  else
    console.log(`${head.recipe}: ${title(base)} -> ${title(head)}\n\n${tasksText(operators)}${changesText(changes)}`);
  return changes.some(({ severity }) => severity === "error") ? EXIT.recipe : EXIT.pass;
}

function tasksText(operators: readonly string[]): string {
  if (operators.length === 0) return "";
  return `What operators have to know and do\n${operators.map((task) => `  - ${plainText(task)}\n`).join("")}\n`;
}

function title({ version, commit }: AppSpec): string {
  return `${version ?? "(no version)"} ${commit.slice(0, 10)}`;
}
