import { type Deployment, type LocatedRecipes, subjectOf } from "../stacks/deployments.ts";
import { versionInfo } from "./describe-version.ts";
import type { Linted } from "./lint-head.ts";
import type { Preparation } from "./phases/prepare.ts";
import type { DeploymentResult, Diagnostic, LedgerResult, RunResult } from "./result.ts";
import type { Session } from "./session.ts";
import { judge } from "./verdict.ts";

/** All that the stages of a run have given back. */
export interface Outcome {
  preparation: Preparation;
  ledger: LedgerResult;
  diagnostics: Diagnostic[];
  linted: Linted;
  startedAt: string;
}

/** The result of a run that is over, secrets taken out. */
export function toResult(session: Session, outcome: Outcome): RunResult {
  const { args, names, log, recorder } = session;
  const { preparation, ledger, diagnostics, linted, startedAt } = outcome;
  const { run, definition, located } = args;
  const { deployments, changes, prepared } = preparation;
  const subject = deployments && subjectOf(deployments);
  const judgement = judge(log.phases, ledger, args.signal.aborted);
  return recorder.redactor.deep({
    schema: 2,
    run,
    recipe: definition.name,
    ...judgement,
    startedAt,
    durationMs: log.elapsed(),
    source: { location: located.repo.location, commit: located.headCommit },
    base: subject?.base && versionInfo(subject.base),
    head: subject ? versionInfo(subject.head) : { commit: located.headCommit, images: {} },
    changes,
    ...names,
    deployments: deployments?.map(deploymentResult),
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
    warnings: [...(subject?.warnings ?? located.warnings), ...warningsOfOthers(args), ...linted.warnings],
    ledger,
    diagnostics,
  });
}

/** Of where they come from; what is odd in them is another maintainer's business. */
function warningsOfOthers({ dependencies }: LocatedRecipes): string[] {
  return dependencies.flatMap(({ definition, located }) =>
    located.warnings.map((warning) => `dependency ${definition.name}: ${warning}`),
  );
}

function deploymentResult({ role, definition, location, base, head, domain, namespace }: Deployment): DeploymentResult {
  const { version, commit, images } = versionInfo(head);
  const from = base && versionInfo(base).version;
  return { role, recipe: definition.name, location, from, version, commit, images, domain, namespace };
}
