import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { backendEnv } from "../../engine/backend.ts";
import type { Engine } from "../../engine/locate.ts";
import { runPulumi } from "../../engine/pulumi-cli.ts";
import { exec } from "../../lib/exec.ts";
import { projectPath } from "../../lib/project.ts";
import { readyEngine } from "../node.ts";
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
      await createKnownStack(args, engine);
      process.exitCode = await runPulumi(args, engine);
    });
}

/** A stack whose settings are in the checkout (`Pulumi.local.yaml`) needs no `stack init` before its first use. */
async function createKnownStack(args: string[], engine: Engine): Promise<void> {
  const at = args.findIndex((arg) => arg === "-s" || arg === "--stack");
  const name = at < 0 ? undefined : args[at + 1];
  if (!name || !/^[a-z0-9-]+$/.test(name) || !existsSync(projectPath(`Pulumi.${name}.yaml`))) return;
  const env = { ...process.env, ...backendEnv(), ...engine.env };
  await exec([join(engine.root, "bin", "pulumi"), "stack", "select", name, "--create", "--non-interactive"], { env });
}
