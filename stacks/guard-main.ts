import { describe, InfraError, UserError } from "../lib/errors.ts";
import { present } from "../lib/present.ts";
import { stepRefusal } from "./phase-step.ts";
import { STACK_PHASES } from "./phases.ts";
import type { Charge } from "./recipe-guard.ts";

// `node stacks/guard-main.ts begin|end`: what the guard of a recipe's stack does; a program of its own, so that the
// command provider can call it. `begin` prints the phase, and reads from the environment which one it printed last.
// Pulumi is DOCKER_HOST. What the guard is told is JSON in RECIPE_CI_GUARD, what opens a store of backups is inherited.

const STEPS: Record<string, (charge: Charge) => void | Promise<void>> = {
  begin: ({ phase, planned }) => {
    const before = STACK_PHASES.find((name) => name === process.env.PULUMI_COMMAND_STDOUT);
    const refusal = stepRefusal(before, phase, planned);
    if (refusal) throw new UserError(refusal);
    process.stdout.write(phase);
  },
  end: async ({ run, store }) => {
    // Most of a start is imports, and beginning needs none of these.
    const { connect } = await import("../swarm/client.ts");
    const { removeByRun } = await import("../swarm/remove-by-run.ts");
    const { endOrphanedPlugins } = await import("../lib/orphaned-plugins.ts");
    // What a killed Pulumi has left might still be making something.
    await endOrphanedPlugins();
    const host = present(process.env.DOCKER_HOST, "DOCKER_HOST");
    const { left, reason } = await removeByRun(connect(host), run).catch((error: unknown) => {
      if (!(error instanceof InfraError)) throw error;
      throw new InfraError(error.message, { remedy: goneForGood(run), cause: error });
    });
    if (left.length > 0) {
      const names = left.map((entry) => `${entry.kind} ${entry.name}`).join(", ");
      throw new InfraError(`still on ${host}: ${names}${reason ? ` (${reason})` : ""}`);
    }
    if (store === undefined) return;
    const { removeStoredAt } = await import("../checks/backup/stored-objects.ts");
    await removeStoredAt(store, run);
  },
};

/** What a person may do who knows more than can be looked at from here. */
function goneForGood(run: string): string {
  return `start the node and destroy again; if it is gone for good, and all on it: npx recipe-ci pulumi stack rm ${run} --force`;
}

try {
  const step = STEPS[process.argv[2] ?? ""];
  if (!step) throw new UserError("usage: node stacks/guard-main.ts begin|end");
  await step(JSON.parse(present(process.env.RECIPE_CI_GUARD, "RECIPE_CI_GUARD")) as Charge);
} catch (error) {
  process.stderr.write(`${describe(error)}\n`);
  process.exitCode = 1;
}
