import { CheckRecorder, failureOf } from "../checks/recorder.ts";
import { Redactor } from "../checks/redactor.ts";
import { runNames } from "../compose/env/stack-name.ts";
import { describe } from "../lib/errors.ts";
import { STACK_PHASES } from "../stacks/phases.ts";
import { asInfra, connect } from "../swarm/client.ts";
import { subscribe } from "../swarm/engine-events.ts";
import { saveDiagnostics } from "./diagnostics.ts";
import { takeSnapshot } from "./ledger.ts";
import { lintHead } from "./lint-head.ts";
import { neighboursOf } from "./neighbours.ts";
import { nodeWatch } from "./node-watch.ts";
import { PhaseLog } from "./phase-log.ts";
import { goThroughPhases } from "./phases/deploy.ts";
import { destroyPhase } from "./phases/destroy.ts";
import { prepare } from "./phases/prepare.ts";
import { pruneRunFolders } from "./prune/runs.ts";
import type { Diagnostic, LedgerResult, RunResult } from "./result.ts";
import { openRun, saveState } from "./run-folder.ts";
import type { RunArgs, Session } from "./session.ts";
import { toResult } from "./to-result.ts";
import { saveTraces } from "./traces.ts";
import { inTurn } from "./turns.ts";

/** Takes one recipe through its whole life and says what came of it. Never throws for what a run can find out. */
export async function runRecipe(args: RunArgs): Promise<RunResult> {
  const { run, definition, dockerHost } = args;
  const state = await openRun({ run, recipe: definition.name, dockerHost });
  const swarm = connect(dockerHost);
  const names = runNames(definition.name, run, args.baseDomain);
  const neighbours = neighboursOf({ run, namespace: names.namespace }, state);
  const watch = nodeWatch(swarm, run);
  const saw: typeof watch.saw = (event, engine) => {
    neighbours.saw(event);
    watch.saw(event, engine);
  };
  const events = await asInfra(swarm, subscribe(swarm, saw, watch.lost));
  const before = await takeSnapshot(swarm);
  const log = new PhaseLog(args.listener);
  const recorder = new CheckRecorder(new Redactor(), {
    onRecord: (record) => (session.course ?? log).addCheck(record),
    trouble: watch.trouble,
  });
  const session: Session = { args, names, swarm, before, neighbours, log, recorder, diagnostics: [] };

  const preparing = prepare(session);
  // Beside the phases, which mostly wait. Beside prepare, which does not, it would hold up the deployment.
  const linting = preparing.catch(() => undefined).then(() => lintHead(args));

  await preparing.catch((error) => broken(session, error));
  const ledger = await inTurn(session, () => live(session));
  events.close();
  session.diagnostics.push(...(await saveTraces(run, recorder.records, (line) => log.progress(line))));
  if (args.keepUntil) log.skip("destroy", `kept until ${args.keepUntil.toISOString()}`);
  const finished = args.keepUntil
    ? { keepUntil: args.keepUntil.toISOString() }
    : { finishedAt: new Date().toISOString() };
  await saveState({ ...state, ...finished });
  await pruneRunFolders().catch((error) => log.progress(`old run folders stay: ${describe(error)}`));
  return toResult(session, state.startedAt, ledger, await linting);
}

/** The phases, and then the end of it. */
async function live(session: Session): Promise<LedgerResult> {
  const { args, log, prepared } = session;
  try {
    if (prepared) await goThroughPhases(session, prepared);
    else restNotRun(log, "the preparation failed");
  } catch (error) {
    await broken(session, error);
  }
  if (log.failed) session.diagnostics = await diagnose(session);
  return args.keepUntil ? keptLedger() : destroyPhase(session);
}

/** Nothing before the teardown is meant to throw; whatever does must not keep that from happening. */
async function broken({ args: { signal }, log, recorder }: Session, error: unknown): Promise<void> {
  await recorder.fail({ name: "run.machinery", title: "The machinery works" }, failureOf(error, signal), signal);
  log.end();
  restNotRun(log, "the machinery failed");
}

function restNotRun(log: PhaseLog, reason: string): void {
  const missing = STACK_PHASES.filter((name) => !log.phases.some((phase) => phase.name === name));
  for (const name of missing) log.notRun(name, reason);
}

async function diagnose({ args, swarm, recorder, log }: Session): Promise<Diagnostic[]> {
  try {
    return await saveDiagnostics(args.run, swarm, recorder.redactor);
  } catch (error) {
    log.progress(`no diagnostics: ${describe(error)}`);
    return [];
  }
}

function keptLedger(): LedgerResult {
  return { before: {}, after: {}, left: [], lost: [] };
}
