import { rm } from "node:fs/promises";
import { CheckRecorder } from "../checks/recorder.ts";
import type { AppSpec } from "../compose/app-spec.ts";
import { takeSnapshot } from "../lifecycle/ledger.ts";
import { openRun, reportFolder } from "../lifecycle/run-folder.ts";
import { openStack, up } from "../lifecycle/stack.ts";
import { tearDown } from "../lifecycle/teardown.ts";
import { Redactor } from "../masking/redactor.ts";
import type { Pulumi } from "../pulumi/locate.ts";
import type { SettledDefinition } from "../recipes/settle.ts";
import type { Deployment } from "../stacks/deployments.ts";
import { prepareNode } from "../stacks/prepare.ts";
import { recipeStack } from "../stacks/recipe.ts";
import { connect } from "../swarm/client.ts";
import type { Round } from "./round.ts";

/** What both sides assert: up, answering, and stable for a second. */
const DEFINITION: SettledDefinition = {
  name: "bench",
  health: { http: { path: "/", port: 80 } },
  seeds: [],
  noBackup: "not measured here",
  stableFor: "1 s",
};

/** One install and one destroy through the engine, timed from the call until the last check and the ledger. */
export async function ours(app: AppSpec, run: string, dockerHost: string, pulumi: Pulumi): Promise<Round> {
  const swarm = connect(dockerHost);
  const recorder = new CheckRecorder(new Redactor());
  const { signal } = new AbortController();
  await openRun({ run, recipe: "bench", dockerHost });
  const before = await takeSnapshot(swarm);
  const stack = await openStack(run, pulumi, true);
  const { namespace, domain = namespace } = app;
  const subject: Deployment = {
    ...{ role: "subject", definition: DEFINITION, location: "bench", warnings: [] },
    ...{ head: app, namespace, domain },
  };
  const access = { run, swarm, second: async () => app, onProgress: () => undefined };
  const prepared = await prepareNode([subject], access, recorder, signal);
  const program = async () => {
    recipeStack({ ...prepared, run, phase: "install", swarm, recorder, signal });
    return {};
  };
  const installStart = performance.now();
  const operation = await up(stack, program, signal, () => undefined);
  const installMs = performance.now() - installStart;
  const destroyStart = performance.now();
  const owner = { run, namespaces: [namespace], others: async () => [] };
  const silent = { externalVolumes: [], onStep: () => undefined, onEvent: () => undefined };
  const ledger = await tearDown({ stack, swarm, before, owner, recorder, ...silent });
  const destroyMs = performance.now() - destroyStart;
  const problem = operation.error ?? operation.failures[0]?.message ?? ledger.left[0]?.name;
  if (problem) throw new Error(`the measured run failed: ${problem}`);
  await rm(reportFolder(run), { recursive: true, force: true });
  const converged = recorder.records.find(({ name }) => name === "install.converged");
  return { installMs, destroyMs, containerMs: converged?.status === "passed" ? converged.containerMs : undefined };
}
