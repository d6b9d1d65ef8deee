import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { CheckFailure } from "../checks/check-failure.ts";
import { namesAreSilent } from "../checks/http/names-silent.ts";
import type { CheckRecorder } from "../checks/recorder.ts";
import { humanize, milliseconds } from "../lib/duration.ts";
import { describe } from "../lib/errors.ts";
import { found, type Swarm } from "../swarm/client.ts";
import { ofEach } from "../swarm/engines.ts";
import type { Entry } from "../swarm/entry/find.ts";
import { describeSurvivors, type Ownership, type Snapshot, settleLedger, withNotJudged } from "./ledger.ts";
import { LIMITS } from "./limits.ts";
import { removeRun } from "./remove-run.ts";
import type { LedgerResult } from "./result.ts";
import { removeWorkFolder } from "./run-folder.ts";
import { destroy, type OnEvent, type Operation } from "./stack.ts";

/** Nothing of a teardown is the recipe's doing. */
const INFRA = "infra" as const;

export interface TeardownArgs {
  /** Undefined when the stack was never made. */
  stack?: Stack;
  /** Where the run's backups lie, as restic names it. Default: on the node. */
  backupStore?: string;
  swarm: Swarm;
  before: Snapshot;
  owner: Ownership;
  recorder: CheckRecorder;
  /** Names that the run's apps had, and where they led; undefined where nothing leads to apps by name. */
  names?: { entry: Entry; domains: readonly string[] };
  /** Names of the volumes that its apps call external. */
  externalVolumes: readonly string[];
  onStep: (line: string) => void;
  /** Told every event of Pulumi. */
  onEvent: OnEvent;
}

/**
 * Takes a run down, step by step, none trusting the one before it: destroy, in which the stack's guard removes by
 * label; cancel and destroy; the guard's work without Pulumi; the state with `stack rm --force`; and then the
 * ledger says what is left.
 */
export async function tearDown(args: TeardownArgs): Promise<LedgerResult> {
  const { recorder } = args;
  const never = new AbortController().signal;
  const stackGone = {
    name: "destroy.stack",
    title: "`pulumi destroy` removes everything",
    deadline: LIMITS.teardown,
    late: INFRA,
  };
  await recorder.record(stackGone, never, () => destroyStack(args)).catch(() => undefined);
  await removeMadeByMount(args);
  // The ledger asks the node, and Pulumi's state is not there.
  const [ledger] = await Promise.all([checkLedger(args, never), forgetStack(args)]);
  // What is left answers still, and is told already.
  if (ledger.left.length === 0) await checkNames(args, never);
  return ledger;
}

async function destroyStack(args: TeardownArgs) {
  const { stack, onStep, onEvent } = args;
  if (!stack) return { summary: "there was no stack" };
  const first = await destroyOnce(stack, onEvent);
  if (succeeded(first)) return { summary: await deleted(first, args) };
  onStep("destroy failed: cancelling what is pending, and destroying once more");
  await stack.cancel().catch(() => undefined);
  const second = await destroyOnce(stack, onEvent);
  const reason = first.error ?? first.failures.map((failure) => failure.message).join("\n");
  if (succeeded(second)) {
    const summary = `${await deleted(second, args)} at the second attempt`;
    return { summary, details: { firstAttempt: reason } };
  }
  onStep("destroy failed again: removing what bears the run's label without it");
  await removeWithoutEngine(args);
  throw new CheckFailure(`pulumi destroy failed twice: ${reason}`, { owner: INFRA });
}

/** Says what a destroy deleted. Where it knew of nothing, an `up` may have been killed: what that made goes by its label. */
async function deleted({ changes: { delete: known = 0 } }: Operation, args: TeardownArgs): Promise<string> {
  // It has written nothing down, not even that there is a guard (`PULUMI_SKIP_CHECKPOINTS`).
  if (known === 0) await removeWithoutEngine(args);
  return `deleted ${known} resources`;
}

// What it leaves, and why, the ledger says.
async function removeWithoutEngine({ swarm, owner, backupStore, onStep }: TeardownArgs): Promise<void> {
  await removeRun(swarm, { run: owner.run, backupStore }).catch((error: unknown) => onStep(describe(error)));
}

/**
 * A volume that is called external and is not there Swarm makes as it mounts it, without any label: the run's own, then,
 * and nobody else's data. One that was there before stays. What can't be removed the ledger says.
 */
async function removeMadeByMount({ swarm, before, externalVolumes, onStep }: TeardownArgs): Promise<void> {
  for (const name of new Set(externalVolumes)) {
    if (before.entries.some((entry) => entry.kind === "volume" && entry.name === name)) continue;
    const removed = ofEach(swarm, ({ docker }) => found(docker.getVolume(name).remove()));
    await removed.catch((error: unknown) => onStep(describe(error)));
  }
}

/** Takes the stack out of the state, and then the folder that Pulumi worked in. */
async function forgetStack({ stack, owner, onStep }: TeardownArgs): Promise<void> {
  if (stack) await removeStack(stack, onStep);
  await removeWorkFolder(owner.run).catch((error: unknown) => onStep(describe(error)));
}

async function removeStack(stack: Stack, onStep: TeardownArgs["onStep"]): Promise<void> {
  try {
    await stack.workspace.removeStack(stack.name);
  } catch {
    onStep("the stack's state still lists resources that are gone: removing it by force");
    await stack.workspace.removeStack(stack.name, { force: true }).catch(() => undefined);
  }
}

async function checkLedger(
  { recorder, swarm, before, owner }: TeardownArgs,
  signal: AbortSignal,
): Promise<LedgerResult> {
  const left = { name: "destroy.nothing-left", title: "The node is as it was before the run", late: INFRA };
  const neighbours = { name: "destroy.neighbours", title: "Nothing of others was touched", late: INFRA };
  let ledger: LedgerResult | undefined;
  const settle = async () => {
    const start = performance.now();
    ledger = await settleLedger(swarm, before, owner);
    if (ledger.left.length > 0) throw new CheckFailure(describeSurvivors(ledger.left), { owner: INFRA });
    return { summary: withNotJudged(`nothing left after ${humanize(performance.now() - start)}`, ledger) };
  };
  await recorder.record(left, signal, settle).catch(() => undefined);
  const compare = async () => {
    if (!ledger) throw new CheckFailure("nobody could look", { owner: INFRA });
    if (ledger.lost.length > 0) throw new CheckFailure(describeSurvivors(ledger.lost), { owner: INFRA });
    return { summary: withNotJudged("all still there", ledger) };
  };
  await recorder.record(neighbours, signal, compare).catch(() => undefined);
  return ledger ?? { before: {}, after: {}, left: [], lost: [] };
}

/** Asked last: Traefik learns within a second what is gone, and the end of Pulumi and its state takes longer. */
async function checkNames({ recorder, names }: TeardownArgs, signal: AbortSignal): Promise<void> {
  if (!names) return;
  const silent = { name: "destroy.names-silent", title: "Nothing answers at the names of its apps", late: INFRA };
  const { entry, domains } = names;
  await recorder.record(silent, signal, () => namesAreSilent(entry, domains)).catch(() => undefined);
}

// It has its own signal: a cancelled run must still be torn down.
function destroyOnce(stack: Stack, onEvent: OnEvent): Promise<Operation> {
  return destroy(stack, AbortSignal.timeout(milliseconds(LIMITS.destroy)), onEvent);
}

function succeeded(operation: Operation): boolean {
  return operation.failures.length === 0 && operation.error === undefined;
}
