import type { Stack } from "@pulumi/pulumi/automation/index.js";
import type { Evidence } from "../../checks/check.ts";
import { CheckFailure } from "../../checks/check-failure.ts";
import { RecordedFailure } from "../../checks/recorder.ts";
import { plural } from "../../lib/plural.ts";
import { present } from "../../lib/present.ts";
import { subjectOf } from "../../stacks/deployments.ts";
import { assertNoneEnded, lookNow } from "../../stacks/plan/ended-meanwhile.ts";
import type { Prepared } from "../../stacks/prepared.ts";
import { recipeStack } from "../../stacks/recipe.ts";
import { inventory } from "../../swarm/inventory.ts";
import { stopServices } from "../../swarm/standstill.ts";
import { deployFailure } from "../deploy-failure.ts";
import { keepEvent, type Session } from "../session.ts";
import { keepingThrown, up } from "../stack.ts";

/** What there is to deploy, and where. */
export interface Ready {
  prepared: Prepared;
  stack: Stack;
}

const UNDEPLOYED = {
  name: "upgrade.undeployed",
  title: "Base is undeployed, and what it keeps stays",
  deadline: "10 min",
} as const;

/**
 * Takes base's services away, each in its own time to stop, and leaves its volumes and secrets: what `abra app
 * undeploy` leaves for a deployment of head. Whether that went well is on record.
 */
export async function undeploy(session: Session, ready: Ready): Promise<boolean> {
  const { recorder, args } = session;
  try {
    await recorder.record(UNDEPLOYED, args.signal, async (signal) => {
      await takeDown(session, ready, signal);
      return look(session, ready.prepared);
    });
    return true;
  } catch (error) {
    if (error instanceof RecordedFailure) return false;
    throw error;
  }
}

async function takeDown(session: Session, { prepared, stack }: Ready, signal: AbortSignal) {
  const { args, swarm, recorder } = session;
  const { definition, base } = subjectOf(prepared.deployments);
  const app = present(base, "the base that an upgrade starts from");
  await assertNoneEnded(lookNow(definition), { swarm, run: args.run, app, entry: prepared.entry, signal });
  // The provider's delete of a service waits for its containers no longer than their grace, and fails then.
  await stopServices({ swarm, namespace: subjectOf(prepared.deployments).namespace, signal }, "stopped");
  const { program, thrown } = keepingThrown(async () => {
    recipeStack({ ...prepared, run: args.run, signal, swarm, recorder, phase: "install", undeployed: true });
    return {};
  });
  const operation = await up(stack, program, signal, (event) => keepEvent(session, event));
  const failure = deployFailure(operation, { cancelled: args.signal.aborted, late: false, thrown: thrown() });
  if (failure) throw new CheckFailure(failure.error, { owner: failure.owner });
}

async function look({ swarm }: Session, { deployments }: Prepared): Promise<Evidence> {
  const { services, volumes } = present(subjectOf(deployments).base, "the base that an upgrade starts from");
  const there = new Set((await inventory(swarm)).entries.map(({ kind, name }) => `${kind} ${name}`));
  const left = services.filter(({ name }) => there.has(`service ${name}`)).map(({ name }) => name);
  if (left.length > 0) throw new CheckFailure(`still deployed: ${left.join(", ")}`, { owner: "defect" });
  const lost = volumes.filter(({ name, external }) => !external && !there.has(`volume ${name}`));
  if (lost.length > 0) throw new CheckFailure(`gone: ${lost.map(({ name }) => name).join(", ")}`, { owner: "defect" });
  return { summary: `${plural(services.length, "service")} taken away, ${plural(volumes.length, "volume")} kept` };
}
