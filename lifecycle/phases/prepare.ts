import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { failureOf, RecordedFailure } from "../../checks/recorder.ts";
import { UPGRADABLE, upgradable } from "../../checks/upgradable.ts";
import type { Change } from "../../diff/change.ts";
import { diffApps } from "../../diff/diff-apps.ts";
import { type Deployment, loadDeployments, loadSecond, subjectOf } from "../../stacks/deployments.ts";
import { prepareNode } from "../../stacks/prepare.ts";
import type { Prepared } from "../../stacks/prepared.ts";
import { broken } from "../broken.ts";
import { describeDeployments } from "../describe-version.ts";
import type { Session } from "../session.ts";
import { openStack } from "../stack.ts";

/** How far a preparation came. */
export interface Preparation {
  /** All recipes of the run, as they are read. */
  deployments?: Deployment[];
  /** From base to head, where there is a base. */
  changes?: Change[];
  /** The same made ready for the node; undefined where anything stood in the way. */
  prepared?: Prepared;
  /** There to be destroyed, whatever else failed. */
  stack?: Stack;
}

/** Reads the recipes, makes the node ready for them and the stack with Pulumi; nothing is deployed. Never throws. */
export async function prepare(session: Session): Promise<Preparation> {
  const { args, log, recorder } = session;
  log.start("prepare");
  const found: Preparation = {};
  // The stack is made meanwhile: it takes a start of Pulumi's CLI, and needs nothing of the recipe.
  const stack = openStack(args.run, args.pulumi, true);
  stack.catch(() => undefined);
  let thrown: unknown;
  try {
    await read(session, found);
  } catch (error) {
    // What is not on record yet is nobody's answer to a question of ours.
    if (!(error instanceof RecordedFailure)) thrown = error;
  }
  found.stack = await stack.catch(async (error: unknown) => {
    const made = { name: "prepare.stack", title: "Pulumi makes the stack" };
    await recorder.fail(made, failureOf(error, args.signal), args.signal);
    found.prepared = undefined;
    return undefined;
  });
  log.end();
  if (thrown !== undefined) await broken(session, thrown);
  return found;
}

/** @throws RecordedFailure for the first thing that stands in the way; what was found until then stays */
async function read(session: Session, found: Preparation): Promise<void> {
  const { args, log, recorder, swarm } = session;
  const rendered = { name: "prepare.render", title: "Head and base can be rendered" };
  const { deployments } = await recorder.record(rendered, args.signal, async () => {
    const loaded = await loadDeployments(args);
    const warnings = loaded.flatMap((one) => one.warnings);
    return { summary: describeDeployments(loaded), details: { warnings }, deployments: loaded };
  });
  found.deployments = deployments;
  await compareVersions(session, found, subjectOf(deployments));
  const access = {
    run: args.run,
    placeOn: args.placeOn,
    swarm,
    mirror: args.mirror,
    second: () => loadSecond(args),
    onProgress: (line: string) => log.progress(line),
    onStep: log.step.bind(log),
  };
  found.prepared = await prepareNode(deployments, access, recorder, args.signal);
  log.standIns(found.prepared.standIns);
}

async function compareVersions({ recorder, args }: Session, found: Preparation, { base, head, reattach }: Deployment) {
  if (!base) return;
  await recorder.record(UPGRADABLE, args.signal, async () => {
    found.changes = diffApps(base, head);
    return upgradable(found.changes, reattach);
  });
}
