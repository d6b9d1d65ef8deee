import { Command } from "commander";
import { runPulumi, selectStack } from "../../engine/pulumi-cli.ts";
import { withCleanSettings } from "../../engine/stack-file.ts";
import { InfraError } from "../../lib/errors.ts";
import { projectPath } from "../../lib/project.ts";
import { healLocalNode, LOCAL_STACK, readyEngine } from "../node.ts";
import { ProgressPrinter } from "../progress.ts";

/** `recipe-ci pulumi`: the real Pulumi CLI, with this project's engine, plugins and state. */
export function pulumiCommand(): Command {
  return new Command("pulumi")
    .description("run the Pulumi CLI on this project: up, preview, destroy, stack, config, ...")
    .argument("[args...]", "passed on as they are")
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (args: string[]) => {
      const engine = await readyEngine(new ProgressPrinter());
      process.chdir(projectPath());
      const stack = knownStack(args);
      if (!stack) process.exitCode = await runPulumi(args, engine);
      else {
        process.exitCode = await withCleanSettings(stack, async () => {
          const selected = await selectStack(stack, engine);
          if (selected.code !== 0) throw new InfraError(`stack ${stack} can't be selected:\n${selected.stderr.trim()}`);
          const code = await runPulumi(args, engine);
          if (code === 0 && stack === LOCAL_STACK && args[0] === "up") await healLocalNode();
          return code;
        });
      }
    });
}

/** Stacks that come with the checkout; `-s` names one of them. A recipe's stack has its settings to itself. */
const SHIPPED = [LOCAL_STACK, "ci"];

function knownStack(args: string[]): string | undefined {
  const at = args.findIndex((arg) => arg === "-s" || arg === "--stack");
  const name = args[at + 1];
  return at >= 0 && name && SHIPPED.includes(name) ? name : undefined;
}
