import { Command } from "commander";
import { concernedStack } from "../../engine/concerned-stack.ts";
import { ensureStack, runPulumi } from "../../engine/pulumi-cli.ts";
import { withOwnSalt } from "../../engine/salt.ts";
import { refuseLocked } from "../../engine/state-lock.ts";
import { projectPath } from "../../lib/project.ts";
import { LOCAL_STACK, runStack } from "../../nodes/local-stack.ts";
import { configuredKind, needsMore, readyEngine } from "../node.ts";
import { ProgressPrinter } from "../progress.ts";

/** Stacks that need no `stack init`: the project says what they are. */
const SHIPPED = [LOCAL_STACK, "ci"];

/** Commands that take the stack's lock. */
const LOCKING = ["up", "update", "destroy", "refresh", "import", "watch"];

/** `recipe-ci pulumi`: the real Pulumi CLI, with this project's engine, plugins and state. */
export function pulumiCommand(): Command {
  return new Command("pulumi")
    .description("run the Pulumi CLI on this project: up, preview, destroy, stack, config, ...")
    .argument("[args...]", "passed on as they are")
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (args: string[]) => {
      process.chdir(projectPath());
      process.exitCode = await pulumi(args);
    });
}

async function pulumi(args: string[]): Promise<number> {
  const progress = new ProgressPrinter();
  const common = await readyEngine(progress);
  const stack = concernedStack(args, common);
  const engine = needsMore(stack) ? await readyEngine(progress, undefined, stack) : common;
  if (!stack) return runPulumi(args, engine);
  const [command = ""] = args;
  if (LOCKING.includes(command)) refuseLocked(stack);
  return withOwnSalt(stack, async () => {
    if (SHIPPED.includes(stack) && command !== "stack") await ensureStack(stack, engine);
    const code = await runPulumi(args, engine);
    if (code === 0 && stack === runStack() && command === "up") await configuredKind().find();
    return code;
  });
}
