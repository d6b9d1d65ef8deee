import { CheckFailure } from "../../checks/check-failure.ts";
import { upgradable } from "../../checks/upgradable.ts";
import type { AppSpec } from "../../compose/app-spec.ts";
import { diffApps } from "../../diff/diff-apps.ts";
import { openRun } from "../../lifecycle/run-folder.ts";
import { destroy, type Operation, openStack, up } from "../../lifecycle/stack.ts";
import { exactConfigs, exactServices } from "../../stacks/exact-services.ts";
import { keepDropped } from "../../stacks/keep-dropped.ts";
import { inspectApp, type Made, type Node } from "./deployment.ts";
import { type Inspects, normalise } from "./inspects.ts";
import { appProgram } from "./program.ts";

/** For all updates of one deployment, and for its removal. */
const LIMIT_MS = 180_000;

const quiet = () => undefined;

/**
 * As a run's stack deploys base and then head; the last update is repeated. Then it is all destroyed.
 * @throws Error for an update that fails: a run must refuse it before it begins
 */
export async function byUs(
  node: Node,
  run: string,
  apps: AppSpec[],
): Promise<Made & { repeated?: Record<string, number> }> {
  const { swarm, docker, pulumi } = node;
  const [base, head] = apps.length > 1 ? apps : [undefined, ...apps];
  if (!head) throw new RangeError("nothing to deploy");
  const refusal = base && refusalOf(base, head);
  if (refusal) return { objects: {}, refusal };

  await openRun({ run, recipe: head.recipe, dockerHost: swarm.host });
  const stack = await openStack(run, pulumi, true);
  const signal = AbortSignal.timeout(LIMIT_MS);
  const exact = { exactServices: exactServices(base, head), exactConfigs: exactConfigs(base, head) };
  const program = (app: AppSpec) => appProgram({ swarm, run, app, ...exact });
  const stages: Inspects[] = [];
  const inspect = async () => stages.push(await inspectApp(docker, apps));
  try {
    if (base) {
      succeed(await up(stack, await program(base), signal, quiet));
      await inspect();
    }
    const last = await program(base ? keepDropped(base, head) : head);
    succeed(await up(stack, last, signal, quiet));
    await inspect();
    const repeated = await up(stack, last, signal, quiet);
    succeed(repeated);
    return { objects: normalise(stages, apps), repeated: repeated.changes };
  } finally {
    succeed(await destroy(stack, AbortSignal.timeout(LIMIT_MS), quiet));
  }
}

/** What a run finds before it deploys anything. */
function refusalOf(base: AppSpec, head: AppSpec): string | undefined {
  try {
    upgradable(diffApps(base, head));
    return undefined;
  } catch (error) {
    if (error instanceof CheckFailure) return error.message;
    throw error;
  }
}

function succeed(operation: Operation): void {
  const reasons = failuresOf(operation);
  if (reasons.length > 0) throw new Error(reasons.join("\n"));
}

function failuresOf({ failures, error }: Operation): string[] {
  return [...failures.map(({ urn, message }) => `${urn}: ${message}`), ...(error ? [error] : [])];
}
