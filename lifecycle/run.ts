import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { CheckRecorder } from "../checks/recorder.ts";
import { Redactor } from "../checks/redactor.ts";
import { UPGRADABLE, upgradable } from "../checks/upgradable.ts";
import type { Change } from "../compose/diff/change.ts";
import { diffApps } from "../compose/diff/diff-apps.ts";
import { runDomain, stackName } from "../compose/names.ts";
import type { Engine } from "../engine/locate.ts";
import { describe } from "../lib/errors.ts";
import type { RecipeDefinition } from "../recipes/define-recipe.ts";
import { type Located, loadVersions, type Prepared, prepareNode, type Versions } from "../stacks/prepare.ts";
import { recipeStack } from "../stacks/recipe.ts";
import { type PlannedPhase, planPhases, STACK_PHASES, type StackPhase } from "../stacks/recipe-plan.ts";
import { connect, type Swarm } from "../swarm/client.ts";
import { describeImages, versionInfo } from "./describe-version.ts";
import { saveDiagnostics } from "./diagnostics.ts";
import { type Snapshot, takeSnapshot } from "./ledger.ts";
import { PhaseLog, type RunListener } from "./phase-log.ts";
import { liveRuns } from "./reaper.ts";
import type { Diagnostic, LedgerResult, NodeInfo, RunResult } from "./result.ts";
import { openRun, saveState } from "./run-folder.ts";
import { openStack, up } from "./stack.ts";
import { tearDown } from "./teardown.ts";
import { judge } from "./verdict.ts";

export interface RunArgs {
  run: string;
  definition: RecipeDefinition;
  located: Located;
  dockerHost: string;
  nodeKind: NodeInfo["kind"];
  /** host:port of the node's image mirror as its engine sees it. */
  mirror?: string;
  engine: Engine;
  baseDomain?: string;
  /** Keep the stack until then instead of tearing it down. */
  keepUntil?: Date;
  listener: RunListener;
  signal: AbortSignal;
}

/** Takes one recipe through its whole life and says what came of it. Never throws for what a run can find out. */
export async function runRecipe(args: RunArgs): Promise<RunResult> {
  const { run, definition, dockerHost } = args;
  const state = await openRun({ run, recipe: definition.name, dockerHost });
  const swarm = connect(dockerHost);
  const before = await takeSnapshot(swarm);
  const log = new PhaseLog(args.listener);
  const recorder = new CheckRecorder(new Redactor(), (record) => log.addCheck(record));
  const session: Session = { args, swarm, before, log, recorder, diagnostics: [] };

  try {
    await prepare(session);
    if (session.prepared) await goThroughPhases(session, session.prepared);
    else for (const name of STACK_PHASES) log.notRun(name, "the preparation failed");
  } catch (error) {
    // Nothing above is meant to throw; whatever does must not keep the teardown from happening.
    log.addFailure("run.machinery", "The machinery works", describe(error));
    log.end();
    const missing = STACK_PHASES.filter((name) => !log.phases.some((phase) => phase.name === name));
    for (const name of missing) log.notRun(name, "the machinery failed");
  }
  if (log.failed) session.diagnostics = await diagnose(session);

  const ledger = args.keepUntil ? keptLedger() : await destroyPhase(session);
  if (args.keepUntil) log.skip("destroy", `kept until ${args.keepUntil.toISOString()}`);
  const finished = args.keepUntil
    ? { keepUntil: args.keepUntil.toISOString() }
    : { finishedAt: new Date().toISOString() };
  await saveState({ ...state, ...finished });
  return toResult(session, state.startedAt, ledger);
}

async function diagnose({ args, swarm, recorder, log }: Session): Promise<Diagnostic[]> {
  try {
    return await saveDiagnostics(args.run, swarm, recorder.redactor);
  } catch (error) {
    log.progress(`no diagnostics: ${describe(error)}`);
    return [];
  }
}

interface Session {
  args: RunArgs;
  swarm: Swarm;
  before: Snapshot;
  log: PhaseLog;
  recorder: CheckRecorder;
  versions?: Versions;
  /** From base to head, where there is a base. */
  changes?: Change[];
  prepared?: Prepared;
  stack?: Stack;
  diagnostics: Diagnostic[];
}

async function prepare(session: Session): Promise<void> {
  const { args, log, recorder, swarm } = session;
  const { run, definition, baseDomain, located, signal } = args;
  log.start("prepare");
  // The stack is made meanwhile: it takes a start of the engine's CLI, and needs nothing of the recipe.
  const stack = openStack(run, args.engine, true);
  stack.catch(() => undefined);
  try {
    const rendered = { name: "prepare.render", title: "Head and base can be rendered" };
    await recorder.record(rendered, signal, async () => {
      const versions = await loadVersions({ run, definition, baseDomain }, located);
      session.versions = versions;
      return { summary: describeImages(versions), details: { warnings: versions.warnings } };
    });
    if (!session.versions) return;
    await compareVersions(session, session.versions);
    session.prepared = await prepareNode(
      session.versions,
      { swarm, mirror: args.mirror, onProgress: (line) => log.progress(line) },
      recorder,
      signal,
    );
  } catch {
    // What failed is in the recorder.
  } finally {
    session.stack = await stack.catch((error: Error) => {
      log.addFailure("prepare.stack", "The engine makes the stack", error.message);
      session.prepared = undefined;
      return undefined;
    });
    log.end();
  }
}

async function compareVersions(session: Session, { base, head }: Versions): Promise<void> {
  if (!base) return;
  const changes = diffApps(base, head);
  session.changes = changes;
  await session.recorder.record(UPGRADABLE, session.args.signal, async () => upgradable(changes));
}

async function goThroughPhases(session: Session, prepared: Prepared): Promise<void> {
  const { log, args } = session;
  const plan = planPhases({
    definition: args.definition,
    base: prepared.base,
    head: prepared.head,
    resticOf: () => {
      throw new Error("a plan is not run");
    },
  });
  for (const planned of plan) {
    const broken = log.brokenBy();
    if (args.signal.aborted) log.notRun(planned.name, "the run was cancelled");
    else if (broken) log.notRun(planned.name, `${broken} failed`);
    else if (planned.skip) log.skip(planned.name, planned.skip);
    else await phase(session, prepared, planned);
  }
}

async function phase(session: Session, prepared: Prepared, planned: PlannedPhase): Promise<void> {
  const { log, stack, args, recorder } = session;
  if (!stack) return;
  log.start(planned.name);
  const program = async () => {
    recipeStack({ ...prepared, ...stackArgs(session, planned.name) });
    return {};
  };
  const start = Date.now();
  const operation = await up(stack, program, args.signal, (event) => log.engineEvent(event));
  const deployed = { name: `${planned.name}.deployed`, title: "The node takes what the recipe asks for" };
  const failures = operation.failures.filter(({ urn }) => !urn.includes("recipe-ci:index:Check"));
  const errors = [
    ...failures.map(({ urn, message }) => `${urn.split("::").at(-1)}: ${message}`),
    operation.error ?? "",
  ];
  const error = errors.filter(Boolean).join("\n");
  const { create = 0, update = 0, same = 0 } = operation.changes;
  recorder.add(deployed, {
    status: error ? "failed" : "passed",
    startedAt: start,
    durationMs: Date.now() - start,
    summary: error ? undefined : `${create} created, ${update} updated, ${same} unchanged`,
    error: error || undefined,
    blame: args.signal.aborted ? "infra" : "recipe",
  });
  for (const check of planned.checks) log.missing(check.name, check.title);
  log.end();
}

function stackArgs(session: Session, phase: StackPhase) {
  const { args, swarm, recorder } = session;
  const { run, definition, signal } = args;
  return { run, definition, signal, swarm, recorder, phase };
}

async function destroyPhase(session: Session): Promise<LedgerResult> {
  const { args, swarm, before, log, recorder, stack } = session;
  log.start("destroy");
  const shared = args.nodeKind === "existing" || (await liveRuns(args.run)).length > 0;
  const owner = {
    run: args.run,
    namespace: stackName(runDomain(args.definition.name, args.run, args.baseDomain)),
    shared,
  };
  const ledger = await tearDown({
    stack,
    swarm,
    before,
    owner,
    recorder,
    onStep: (line) => log.progress(line),
    onEvent: (event) => log.engineEvent(event),
  });
  log.end();
  return ledger;
}

function keptLedger(): LedgerResult {
  return { before: {}, after: {}, left: [], lost: [] };
}

function toResult(session: Session, startedAt: string, ledger: LedgerResult): RunResult {
  const { args, log, versions, prepared, recorder } = session;
  const { run, definition, located } = args;
  const judgement = judge(log.phases, ledger, args.signal.aborted);
  const domain = runDomain(definition.name, run, args.baseDomain);
  return recorder.redactor.deep({
    schema: 1,
    run,
    recipe: definition.name,
    ...judgement,
    startedAt,
    durationMs: log.elapsed(),
    source: { location: located.repo.location, commit: located.headCommit },
    base: versions?.base && versionInfo(versions.base),
    head: versions ? versionInfo(versions.head) : { commit: located.headCommit, images: {} },
    changes: session.changes,
    domain,
    namespace: stackName(domain),
    node: {
      kind: args.nodeKind,
      engineVersion: prepared?.node.engineVersion ?? "",
      apiVersion: prepared?.node.apiVersion ?? "",
      capabilities: prepared?.node.capabilities ?? {},
    },
    phases: log.phases,
    adaptations: prepared?.adaptations ?? [],
    standIns: prepared?.standIns ?? [],
    warnings: versions?.warnings ?? [...located.warnings],
    ledger,
    diagnostics: session.diagnostics,
  });
}
