import { versionInfo } from "./describe-version.ts";
import type { Linted } from "./lint-head.ts";
import type { LedgerResult, RunResult } from "./result.ts";
import type { Session } from "./session.ts";
import { judge } from "./verdict.ts";

/** The result of a run that is over, secrets taken out. */
export function toResult(session: Session, startedAt: string, ledger: LedgerResult, linted: Linted): RunResult {
  const { args, log, versions, prepared, recorder } = session;
  const { run, definition, located } = args;
  const judgement = judge(log.phases, ledger, args.signal.aborted);
  return recorder.redactor.deep({
    schema: 2,
    run,
    recipe: definition.name,
    ...judgement,
    startedAt,
    durationMs: log.elapsed(),
    source: { location: located.repo.location, commit: located.headCommit },
    base: versions?.base && versionInfo(versions.base),
    head: versions ? versionInfo(versions.head) : { commit: located.headCommit, images: {} },
    changes: session.changes,
    ...session.names,
    node: {
      kind: args.nodeKind,
      engineVersion: prepared?.node.engineVersion,
      apiVersion: prepared?.node.apiVersion,
      place: prepared?.place?.name,
      capabilities: prepared?.node.capabilities ?? {},
    },
    phases: log.phases,
    adaptations: prepared?.adaptations ?? [],
    standIns: prepared?.standIns ?? [],
    lint: linted.lint,
    warnings: [...(versions?.warnings ?? located.warnings), ...linted.warnings],
    ledger,
    diagnostics: session.diagnostics,
  });
}
