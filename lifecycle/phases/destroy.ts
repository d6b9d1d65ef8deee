import { STORE } from "../../checks/backup/store.ts";
import { namesElsewhere } from "../../compose/env/stack-name.ts";
import { appsOf } from "../../stacks/deployments.ts";
import type { Entry } from "../../swarm/entry/find.ts";
import type { Snapshot } from "../ledger.ts";
import type { LedgerResult } from "../result.ts";
import { keepEvent, namespacesOf, type Session } from "../session.ts";
import { tearDown } from "../teardown.ts";
import type { Preparation } from "./prepare.ts";

/** Takes everything down and compares the node with what it was before. */
export async function destroyPhase(session: Session, { stack, prepared }: Preparation): Promise<LedgerResult> {
  const { args, swarm, before, neighbours, log, recorder } = session;
  log.start("destroy");
  const always = args.nodeKind === "existing" ? ["whoever shares the engine"] : [];
  const owner = {
    run: args.run,
    namespaces: namespacesOf(args),
    place: prepared?.place?.id,
    others: async (was: Snapshot, is: Snapshot) => [...always, ...(await neighbours.since(was, is))],
  };
  const ledger = await tearDown({
    stack,
    backupStore: process.env[STORE.variable],
    swarm,
    before,
    owner,
    recorder,
    names: prepared?.entry && { entry: prepared.entry, domains: domainsOf(session, prepared.entry) },
    externalVolumes: appsOf(prepared?.deployments ?? []).flatMap(({ volumes }) =>
      volumes.flatMap(({ external, name }) => (external ? name : [])),
    ),
    onStep: (line) => log.progress(line),
    onEvent: (event) => keepEvent(session, event),
  });
  log.end();
  return ledger;
}

/** Of the app, of the second one that it is moved to, and of what it needs, as far as they lead to the node. */
function domainsOf({ args, names }: Session, { baseDomain }: Entry): string[] {
  const needed = args.dependencies.map(({ definition }) => args.namesOf(definition.name).domain);
  const all = [names.domain, namesElsewhere(names).domain, ...needed];
  return all.filter((domain) => domain.endsWith(`.${baseDomain}`));
}
