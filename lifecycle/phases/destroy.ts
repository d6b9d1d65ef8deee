import { runDomain, stackName } from "../../compose/names.ts";
import { liveRuns } from "../reaper.ts";
import type { LedgerResult } from "../result.ts";
import { keepEvent, type Session } from "../session.ts";
import { tearDown } from "../teardown.ts";

/** Takes everything down and compares the node with what it was before. */
export async function destroyPhase(session: Session): Promise<LedgerResult> {
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
    onEvent: (event) => keepEvent(session, event),
  });
  log.end();
  return ledger;
}
