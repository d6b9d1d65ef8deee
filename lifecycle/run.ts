import { STORE } from "../checks/backup/store.ts";
import { CheckRecorder } from "../checks/recorder.ts";
import { describe } from "../lib/errors.ts";
import { Redactor } from "../masking/redactor.ts";
import { asInfra, connect } from "../swarm/client.ts";
import { subscribe } from "../swarm/engine-events.ts";
import { broken, restNotRun } from "./broken.ts";
import { saveDiagnostics } from "./diagnostics.ts";
import { endWatch } from "./end-watch.ts";
import { chargeEnds, lookOnceMore } from "./last-look.ts";
import { takeSnapshot } from "./ledger.ts";
import { lintHead } from "./lint-head.ts";
import { neighboursOf } from "./neighbours.ts";
import { nodeWatch } from "./node-watch.ts";
import { PhaseLog } from "./phase-log.ts";
import { goThroughPhases } from "./phases/deploy.ts";
import { destroyPhase } from "./phases/destroy.ts";
import { type Preparation, prepare } from "./phases/prepare.ts";
import { pruneRunFolders } from "./prune/runs.ts";
import type { Diagnostic, LedgerResult, RunResult } from "./result.ts";
import { openRun, reportFolder, saveState, workFolder } from "./run-folder.ts";
import { namespacesOf, type RunArgs, type Session } from "./session.ts";
import { toResult } from "./to-result.ts";
import { saveTraces } from "./traces.ts";
import { inTurn } from "./turns.ts";

/** Takes one recipe through its whole life and says what came of it. Never throws for what a run can find out. */
export async function runRecipe(args: RunArgs): Promise<RunResult> {
  const { run, definition, dockerHost } = args;
  const store = process.env[STORE.variable];
  const state = await openRun({ run, recipe: definition.name, dockerHost, backupStore: store });
  const swarm = connect(dockerHost);
  const neighbours = neighboursOf({ run, namespaces: namespacesOf(args) }, state);
  const watch = nodeWatch(swarm, run);
  const ends = endWatch(run);
  const saw: typeof watch.saw = (event, engine) => {
    ends.saw(event);
    neighbours.saw(event);
    watch.saw(event, engine);
  };
  const events = await asInfra(swarm, subscribe(swarm, saw, watch.lost));
  const before = await takeSnapshot(swarm);
  const log = new PhaseLog(args.listener);
  let stand = () => {};
  const stands = new Promise<void>((resolve) => {
    stand = resolve;
  });
  const recorder = new CheckRecorder(new Redactor(), {
    onRecord: (record) => {
      log.take(record);
      if (!record.name.startsWith("prepare.")) stand();
    },
    trouble: watch.trouble,
  });
  const keeper = { folder: reportFolder(run), raw: workFolder(run), kept: [] };
  const session: Session = {
    args,
    names: args.namesOf(definition.name),
    swarm,
    before,
    neighbours,
    ends,
    log,
    recorder,
    keeper,
  };

  // Beside the phases, which mostly wait: from the first check of the app on. Preparing and deploying don't, and it
  // would hold them up.
  const linting = stands.then(() => lintHead(args));

  const preparation = await prepare(session);
  const life = await inTurn(session, preparation.prepared, (prepared) => live(session, { ...preparation, prepared }));
  stand();
  events.close();
  const traces = await saveTraces(run, recorder.records, (line) => log.progress(line));
  if (args.keepUntil) log.skip("destroy", `kept until ${args.keepUntil.toISOString()}`);
  const finished = args.keepUntil
    ? { keepUntil: args.keepUntil.toISOString() }
    : { finishedAt: new Date().toISOString() };
  await saveState({ ...state, ...finished });
  await pruneRunFolders().catch((error) => log.progress(`old run folders stay: ${describe(error)}`));
  const diagnostics = [...session.keeper.kept, ...life.diagnostics, ...traces];
  return toResult(session, { ...life, preparation, diagnostics, linted: await linting, startedAt: state.startedAt });
}

/** What came of the phases, and of the end of it. */
interface Life {
  ledger: LedgerResult;
  diagnostics: Diagnostic[];
}

/** The phases, and then the end of it. */
async function live(session: Session, preparation: Preparation): Promise<Life> {
  const { args, log } = session;
  const { prepared, stack } = preparation;
  try {
    if (prepared && stack) {
      await goThroughPhases(session, { prepared, stack });
      await lookOnceMore(session, prepared);
    } else restNotRun(log, "the preparation failed");
  } catch (error) {
    await broken(session, error);
  }
  const diagnostics = log.failed ? await diagnose(session) : [];
  const ledger = args.keepUntil ? keptLedger() : await destroyPhase(session, preparation);
  if (prepared) await chargeEnds(session, prepared);
  return { diagnostics, ledger };
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
