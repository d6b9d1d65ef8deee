import { hasRestoreHooks } from "../checks/backup/disaster.ts";
import { CheckFailure } from "../checks/check-failure.ts";
import { failureOf } from "../checks/recorder.ts";
import type { AppSpec } from "../compose/app-spec.ts";
import { alwaysRuns } from "../compose/convert/lasting.ts";
import { backupPlan } from "../compose/labels/backup-labels.ts";
import { type Deployment, dependenciesOf, subjectOf } from "../stacks/deployments.ts";
import { STACK_PHASES } from "../stacks/phases.ts";
import { chargedTo } from "../stacks/plan/dependency-checks.ts";
import { assertNoneEnded, type History, lookNow } from "../stacks/plan/ended-meanwhile.ts";
import type { Prepared } from "../stacks/prepared.ts";
import type { Session } from "./session.ts";

/** An app that stands once all phases have been gone through. */
interface Standing extends History {
  app: AppSpec;
  deployment: Deployment;
}

const ENDED = "No task ends by itself until it is taken down";

/**
 * Looks once more at every app of a run whose phases all went well. The last looks of phases that go on side by side end
 * one after the other, and what stands for another phase's sake nobody looks at meanwhile: what has ended since is
 * charged to the last phase. What ends from then on the watch sees.
 */
export async function lookOnceMore({ swarm, args, log, recorder, ends }: Session, prepared: Prepared): Promise<void> {
  const { signal } = args;
  const name = lastName(log);
  if (log.failed || signal.aborted || name === undefined) return;
  const all = standing(prepared);
  ends.begin(all.flatMap(({ app }) => app.services.filter(alwaysRuns).map((service) => service.name)));
  for (const { app, deployment, ...history } of all) {
    try {
      await assertNoneEnded(lookNow(deployment.definition, history), {
        swarm,
        run: args.run,
        app,
        entry: prepared.entry,
        signal,
      });
    } catch (error) {
      await recorder.fail({ name, title: ENDED }, failureOf(chargedTo(deployment, error), signal), signal);
    }
  }
}

/** Charges what has ended since, before anything of the run was removed. */
export async function chargeEnds({ log, recorder, ends, args }: Session, prepared: Prepared): Promise<void> {
  const name = lastName(log);
  if (log.failed || name === undefined) return;
  for (const { app, deployment, hooked = false } of standing(prepared)) {
    const tolerated = (deployment.definition.restarts ?? 0) + (hooked ? 1 : 0);
    for (const service of app.services) {
      const own = ends.ends.filter((end) => end.service === service.name);
      const [first] = own;
      if (!first || own.length <= tolerated) continue;
      const said = `${service.name}: its program ended by itself, with exit code ${first.exitCode}, as the teardown began; that was before recipe-ci stopped it`;
      const failure = failureOf(chargedTo(deployment, new CheckFailure(said)));
      await recorder.fail({ name, title: ENDED }, failure, args.signal);
    }
  }
}

function lastName({ phases }: Session["log"]): string | undefined {
  const stackPhases: readonly string[] = STACK_PHASES;
  const last = phases.findLast(({ name, status }) => status === "passed" && stackPhases.includes(name));
  return last && `${last.name}.ended`;
}

function standing({ deployments, plan, elsewhere }: Prepared): Standing[] {
  const went = (name: string) => plan.some((phase) => phase.name === name && !phase.skip);
  const subject = subjectOf(deployments);
  const restarted = went("restore");
  const hooked = restarted && hasRestoreHooks(backupPlan(subject.head));
  const own = { deployment: subject, restarted, hooked };
  return [
    ...dependenciesOf(deployments).map((deployment) => ({ deployment, app: deployment.head })),
    { ...own, app: subject.head },
    ...(elsewhere && went("move") ? [{ ...own, app: elsewhere }] : []),
  ];
}
