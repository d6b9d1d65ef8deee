import { Command } from "commander";
import { projectPath } from "../../lib/project.ts";
import { refusedSince } from "../../nodes/hetzner/refused-offers.ts";
import { LOCAL_STACK, runStack } from "../../nodes/local-stack.ts";
import { concernedStack } from "../../pulumi/concerned-stack.ts";
import type { Pulumi } from "../../pulumi/locate.ts";
import { ensureStack, runPulumi } from "../../pulumi/pulumi-cli.ts";
import { withOwnSalt } from "../../pulumi/salt.ts";
import { stackConfig } from "../../pulumi/stack-file.ts";
import { refuseLocked } from "../../pulumi/state-lock.ts";
import { configuredKind, needsMore, readyPulumi } from "../node.ts";
import { takeNodeSecrets } from "../node-secrets.ts";
import { ProgressPrinter } from "../progress.ts";

/** Stacks that need no `stack init`: the project says what they are. */
const SHIPPED = [LOCAL_STACK, "ci"];

/** Commands that take the stack's lock. */
const LOCKING = ["up", "update", "destroy", "refresh", "import", "watch"];

/** Commands that make what the program says. */
const MAKING = ["up", "update"];

/** `recipe-ci pulumi`: the real Pulumi CLI, with this project's plugins and state. */
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
  const common = await readyPulumi(progress);
  const stack = concernedStack(args, common);
  const pulumi = needsMore(stack) ? await readyPulumi(progress, undefined, stack) : common;
  if (!stack) return runPulumi(args, pulumi);
  const [command = ""] = args;
  if (LOCKING.includes(command)) refuseLocked(stack);
  return withOwnSalt(stack, async () => {
    if (SHIPPED.includes(stack) && command !== "stack") await ensureStack(stack, pulumi);
    if (stackConfig(stack).recipe !== undefined) await takeNodeSecrets();
    const code = await inTurn(args, pulumi);
    if (code === 0 && stack === runStack() && command === "up") await configuredKind().find();
    return code;
  });
}

/** An `up` whose server was refused is followed by one that takes the next of what the settings list, until none is left. */
async function inTurn(args: string[], pulumi: Pulumi): Promise<number> {
  const [command = ""] = args;
  for (;;) {
    const begun = Date.now();
    const code = await runPulumi(args, pulumi);
    if (code === 0 || !MAKING.includes(command) || !(await refusedSince(begun))) return code;
  }
}
