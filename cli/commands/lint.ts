import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { UserError } from "../../lib/errors.ts";
import { lintRecipe } from "../../lint/lint.ts";
import { dockerCli } from "../../machine/docker-cli.ts";
import { findRecipe } from "../../recipes/find.ts";
import { renderSarif } from "../../report/sarif.ts";
import { lintSummary } from "../../report/terminal/lint.ts";
import { settleAlone } from "../../stacks/deployments.ts";
import { locateVersions } from "../../stacks/versions.ts";
import { EXIT } from "../exit.ts";
import { ProgressPrinter } from "../progress.ts";
import { readyDockerCli } from "../ready-docker-cli.ts";
import { type RecipeArguments, recipeCommand } from "../recipe-arguments.ts";

interface LintCommandOptions extends RecipeArguments {
  sarif?: string;
}

/** `recipe-ci lint`: the rules of `abra recipe lint` and more, from the recipe's repository alone. */
export function lintCommand(): Command {
  return recipeCommand("lint", { verb: "look at", json: "as JSON, see docs/lint.md" })
    .description("look for mistakes in a recipe; nothing is deployed, exit code 1 where there are errors")
    .option("--sarif <file>", "also write SARIF 2.1.0 there, for annotations in code review")
    .action(async (recipe: string, options: LintCommandOptions) => {
      const definition = await findRecipe(recipe, options.source);
      const located = await locateVersions(definition, options);
      const { repo, headCommit } = located;
      const { env, upgradeEnv } = await settleAlone(definition, `lint-${recipe}`);
      await readyDockerCli(new ProgressPrinter());
      const report = await lintRecipe({
        repo,
        recipe,
        commit: headCommit,
        dockerCli: await dockerCli(),
        env,
        upgradeEnv,
        waivers: definition.waivers,
        ownChecks: definition.custom?.length,
      });
      if (options.sarif) await write(options.sarif, renderSarif(report));
      console.log(options.json ? JSON.stringify(report, undefined, 2) : lintSummary(report));
      if (report.counts.errors > 0) process.exitCode = EXIT.recipe;
    });
}

async function write(file: string, text: string): Promise<void> {
  await writeFile(file, text).catch((error: Error) => {
    throw new UserError(`${file} cannot be written: ${error.message}`, {
      remedy: "give a file in a folder that exists",
    });
  });
}
