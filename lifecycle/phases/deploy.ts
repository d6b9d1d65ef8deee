import { milliseconds } from "../../lib/duration.ts";
import type { StackPhase } from "../../stacks/phases.ts";
import type { PlannedPhase } from "../../stacks/planned.ts";
import type { Prepared } from "../../stacks/prepare.ts";
import { recipeStack } from "../../stacks/recipe.ts";
import { planPhases } from "../../stacks/recipe-plan.ts";
import { LIMITS } from "../limits.ts";
import { keepEvent, type Session } from "../session.ts";
import { up } from "../stack.ts";

/** Takes the stack from phase to phase, one `up` each, until one fails. */
export async function goThroughPhases(session: Session, prepared: Prepared): Promise<void> {
  const { log, args } = session;
  const { base, head, release } = prepared;
  const plan = planPhases({ definition: args.definition, base, head, release });
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
  const signal = AbortSignal.any([args.signal, AbortSignal.timeout(milliseconds(LIMITS.up))]);
  const operation = await up(stack, program, signal, (event) => keepEvent(session, event));
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
  for (const { name, title, reason } of planned.leftOut ?? []) log.leaveOut(name, title, reason);
  log.end();
}

function stackArgs(session: Session, phase: StackPhase) {
  const { args, swarm, recorder } = session;
  const { run, definition, signal } = args;
  return { run, definition, signal, swarm, recorder, phase };
}
