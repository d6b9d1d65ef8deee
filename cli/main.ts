import { Command, CommanderError } from "commander";
import { describe, InfraError, UserError, UserErrors } from "../lib/errors.ts";
import { toolVersion } from "../report/tool-version.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { endCommand } from "./commands/end.ts";
import { lintCommand } from "./commands/lint.ts";
import { planCommand } from "./commands/plan.ts";
import { pulumiCommand } from "./commands/pulumi.ts";
import { renderCommand } from "./commands/render.ts";
import { runCommand } from "./commands/run.ts";
import { runsCommand } from "./commands/runs.ts";
import { showCommand } from "./commands/show.ts";
import { EXIT } from "./exit.ts";

const HELP_HINT = "(--help shows what there is)";

const program = new Command("recipe-ci")
  .description("Proves that Co-op Cloud recipes install, upgrade, back up and restore, on a real Docker Swarm.")
  .version(toolVersion())
  .showHelpAfterError(HELP_HINT)
  .exitOverride()
  .enablePositionalOptions()
  .addCommand(runCommand())
  .addCommand(planCommand())
  .addCommand(renderCommand())
  .addCommand(lintCommand())
  .addCommand(runsCommand())
  .addCommand(showCommand())
  .addCommand(endCommand())
  .addCommand(doctorCommand())
  .addCommand(pulumiCommand())
  .addHelpText(
    "after",
    "\nExit codes: 0 pass, 1 the recipe failed, 2 usage or bad input, 3 infra or blocked, 4 something survived teardown.",
  );
for (const command of program.commands) command.exitOverride().showHelpAfterError(HELP_HINT);

try {
  await program.parseAsync(process.argv);
} catch (error) {
  process.exitCode = exitCodeFor(error);
}

function exitCodeFor(error: unknown): number {
  // Commander has printed its own message already, and help or version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.pass : EXIT.usage;
  console.error(`error: ${describe(error)}`);
  if (error instanceof UserError || error instanceof UserErrors) return EXIT.usage;
  if (!(error instanceof InfraError) && process.env.RECIPE_CI_DEBUG && error instanceof Error)
    console.error(error.stack);
  return EXIT.infra;
}
