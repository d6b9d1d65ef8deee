import { milliseconds } from "../../lib/duration.ts";
import type { StackPhase } from "../../stacks/phases.ts";
import type { PlannedPhase } from "../../stacks/planned.ts";
import type { Prepared } from "../../stacks/prepare.ts";
import { recipeStack } from "../../stacks/recipe.ts";
import { planPhases } from "../../stacks/recipe-plan.ts";
import { strides } from "../../stacks/strides.ts";
import { Course, DEPLOYED, passOver } from "../course.ts";
import { deployFailure } from "../deploy-failure.ts";
import { LIMITS } from "../limits.ts";
import { keepEvent, type Session } from "../session.ts";
import { ResourceCount, up } from "../stack.ts";

/** Takes the stack from version to version, one `up` each, and through the phases that look at it, until one fails. */
export async function goThroughPhases(session: Session, prepared: Prepared): Promise<void> {
  const { log, args } = session;
  const { base, head, release } = prepared;
  const plan = planPhases({ definition: args.definition, base, head, release });
  for (const stride of strides(plan)) {
    const { aborted } = args.signal;
    if (aborted || log.brokenBy()) passOver(log, stride, aborted);
    else await take(session, prepared, stride);
  }
}

async function take(session: Session, prepared: Prepared, stride: PlannedPhase[]): Promise<void> {
  const { log, stack, args, recorder } = session;
  const last = stride.findLast(({ skip }) => !skip)?.name;
  if (!stack || !last) return;
  const made = new ResourceCount();
  const course = new Course(log, stride, () => made.words());
  session.course = course;
  const start = Date.now();
  let thrown: unknown;
  const program = async () => {
    try {
      recipeStack({ ...prepared, ...stackArgs(session, last) });
      return {};
    } catch (error) {
      thrown = error;
      throw error;
    }
  };
  const time = AbortSignal.timeout(milliseconds(LIMITS.up));
  const operation = await up(stack, program, AbortSignal.any([args.signal, time]), (event) => {
    made.add(event);
    keepEvent(session, event);
  });
  const failure = deployFailure(operation, { cancelled: args.signal.aborted, late: time.aborted, thrown });
  if (failure) await recorder.fail({ name: course.failureName, title: DEPLOYED }, failure, args.signal, start);
  course.end(args.signal.aborted);
  session.course = undefined;
}

function stackArgs(session: Session, phase: StackPhase) {
  const { args, swarm, recorder } = session;
  const { run, definition, signal } = args;
  return { run, definition, signal, swarm, recorder, phase };
}
