import { Command } from "commander";
import { InfraError, UserError } from "../../lib/errors.ts";
import { isAlive } from "../../lib/process-identity.ts";
import { end } from "../../lifecycle/reaper.ts";
import { type RunState, readState } from "../../lifecycle/run-folder.ts";
import { stacksInLocalState } from "../../pulumi/local-state.ts";
import type { Pulumi } from "../../pulumi/locate.ts";
import { capturePulumi } from "../../pulumi/pulumi-cli.ts";
import { connect } from "../../swarm/client.ts";
import { removeByRun } from "../../swarm/remove-by-run.ts";
import { straysOn } from "../doctor-state.ts";
import { configuredKind, readyPulumi } from "../node.ts";
import { takeNodeSecrets } from "../node-secrets.ts";
import { ProgressPrinter } from "../progress.ts";

/** Pulumi's rule for the name of a stack: what is none is neither a run. */
const NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/;

/** `recipe-ci end`: removes a run that was kept, a stack made by hand, or what neither of both has any more. */
export function endCommand(): Command {
  return new Command("end")
    .description("remove a run that was kept with --keep, a stack made by hand, or what a lost one left on the node")
    .argument("<run>", "name of the run or stack")
    .action(async (name: string) => {
      const run = NAME.test(name) ? await readState(name) : undefined;
      if (run && !run.finishedAt) return endRun(run);
      if (NAME.test(name) && ((await endByHand(name)) || (await endStrays(name)))) return;
      if (run) throw new UserError(`run "${name}" is over, and nothing of it is left`);
      throw new UserError(`there is no run "${name}"`, {
        remedy: "npx recipe-ci runs lists what there is, npx recipe-ci pulumi stack ls the stacks made by hand",
      });
    });
}

async function endRun(run: RunState): Promise<void> {
  if (isAlive(run.owner)) throw new UserError(`run "${run.run}" is going on`, { remedy: "end it with Ctrl-C there" });
  await takeNodeSecrets();
  await end(run, await readyPulumi(new ProgressPrinter()));
  console.log(`removed run ${run.run}`);
}

/** Destroys a stack that the state has; false when it has none of that name. */
async function endByHand(name: string): Promise<boolean> {
  const known = stacksInLocalState();
  if (known && !known.includes(name)) return false;
  const progress = new ProgressPrinter();
  const pulumi = await readyPulumi(progress, undefined, name);
  if (!known && !(await stackNames(pulumi)).includes(name)) return false;
  await takeNodeSecrets();
  const { endStack } = await import("../node-stack.ts");
  await endStack({ stack: name, pulumi, onStep: progress.step, signal: new AbortController().signal });
  console.log(`removed stack ${name}`);
  return true;
}

async function stackNames(pulumi: Pulumi): Promise<string[]> {
  const { code, stdout } = await capturePulumi(["stack", "ls", "--json"], pulumi);
  return code === 0 ? (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name.split("/").at(-1) ?? name) : [];
}

/** Removes by the label what is on the node without a stack; false when nothing is. */
async function endStrays(name: string): Promise<boolean> {
  const dockerHost = await configuredKind().look();
  if (!dockerHost) return false;
  const swarm = connect(dockerHost);
  const names = (await straysOn(swarm)).get(name);
  if (!names) return false;
  const { left, reason } = await removeByRun(swarm, name);
  if (left.length > 0)
    throw new InfraError(`${left.map((one) => `${one.kind} ${one.name}`).join(", ")} can't be removed: ${reason}`, {
      remedy: "remove them by hand",
    });
  console.log(`removed ${names.join(", ")}`);
  return true;
}
