import { liveRuns } from "../reaper.ts";
import type { LedgerResult } from "../result.ts";
import { keepEvent, type Session } from "../session.ts";
import { tearDown } from "../teardown.ts";

/** Takes everything down and compares the node with what it was before. */
export async function destroyPhase(session: Session): Promise<LedgerResult> {
  const { args, names, swarm, before, log, recorder, stack } = session;
  log.start("destroy");
  const shared = args.nodeKind === "existing" || (await liveRuns(args.run)).length > 0;
  const owner = {
    run: args.run,
    namespace: names.namespace,
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
