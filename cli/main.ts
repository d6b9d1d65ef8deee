import { enableCompileCache } from "node:module";
import { Command, CommanderError } from "commander";
import { describe, InfraError, UserError, UserErrors } from "../lib/errors.ts";
import { home } from "../lib/home.ts";
import { toolVersion } from "../report/tool-version.ts";
import { EXIT } from "./exit.ts";

// Most of a start is compiling the SDK: with what the last one compiled, a run takes a second less of processor time.
enableCompileCache(home("engine", "node-compile-cache"));

// Who read it may have gone (`| head`, a terminal that was closed), and each further line would be another error: thrown
// while Pulumi's SDK catches what nobody does, each would be one more line.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

const HELP_HINT = "(--help shows what there is)";

/** The commands in the order of the help. Each is loaded only when it is asked for: most of a start is imports. */
const COMMANDS: Record<string, () => Promise<Command>> = {
  run: async () => (await import("./commands/run.ts")).runCommand(),
  plan: async () => (await import("./commands/plan.ts")).planCommand(),
  render: async () => (await import("./commands/render.ts")).renderCommand(),
  lint: async () => (await import("./commands/lint.ts")).lintCommand(),
  runs: async () => (await import("./commands/runs.ts")).runsCommand(),
  show: async () => (await import("./commands/show.ts")).showCommand(),
  end: async () => (await import("./commands/end.ts")).endCommand(),
  prune: async () => (await import("./commands/prune.ts")).pruneCommand(),
  reap: async () => (await import("./commands/reap.ts")).reapCommand(),
  cost: async () => (await import("./commands/cost.ts")).costCommand(),
  doctor: async () => (await import("./commands/doctor.ts")).doctorCommand(),
  pulumi: async () => (await import("./commands/pulumi.ts")).pulumiCommand(),
};

const program = new Command("recipe-ci")
  .description("Proves that Co-op Cloud recipes install, upgrade, back up and restore, on a real Docker Swarm.")
  .version(toolVersion())
  .showHelpAfterError(HELP_HINT)
  .exitOverride()
  .enablePositionalOptions()
  .addHelpText(
    "after",
    "\nExit codes: 0 pass, 1 the recipe failed, 2 usage or bad input, 3 infra or blocked, 4 something survived teardown.",
  );
const asked = COMMANDS[process.argv[2] ?? ""];
for (const load of asked ? [asked] : Object.values(COMMANDS)) program.addCommand(await load());
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
