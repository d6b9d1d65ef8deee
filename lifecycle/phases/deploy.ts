import { milliseconds } from "../../lib/duration.ts";
import { subjectOf } from "../../stacks/deployments.ts";
import type { PlannedPhase } from "../../stacks/plan/planned.ts";
import type { Prepared } from "../../stacks/prepared.ts";
import { recipeStack } from "../../stacks/recipe.ts";
import { strides } from "../../stacks/strides.ts";
import { Course, DEPLOYED, passOver } from "../course.ts";
import { deployFailure } from "../deploy-failure.ts";
import { LIMITS } from "../limits.ts";
import { keepEvent, type Session } from "../session.ts";
import { keepingThrown, ResourceCount, up } from "../stack.ts";
import { type Ready, undeploy } from "./undeploy.ts";

/** Takes the stack from version to version, one `up` each, and through the phases that look at it, until one fails. */
export async function goThroughPhases(session: Session, ready: Ready): Promise<void> {
  const { log, args } = session;
  for (const stride of strides(ready.prepared.plan)) {
    const { aborted } = args.signal;
    if (aborted || log.brokenBy()) passOver(log, stride, aborted);
    else await take(session, ready, stride);
  }
}

async function take(session: Session, { prepared, stack }: Ready, stride: PlannedPhase[]): Promise<void> {
  const { log, args, swarm, recorder, keeper } = session;
  const { run, signal } = args;
  const phase = stride.findLast(({ skip }) => !skip)?.name;
  if (!phase) return;
  const made = new ResourceCount();
  const course = new Course(log, stride, () => made.words());
  const start = Date.now();
  const { program, thrown } = keepingThrown(async () => {
    recipeStack({ ...prepared, run, signal, swarm, recorder, keeper, phase });
    return {};
  });
  const time = AbortSignal.timeout(milliseconds(LIMITS.up));
  await log.leaveChecksTo(course, async () => {
    if (isReattached(prepared, stride) && !(await undeploy(session, { prepared, stack })))
      return course.end(signal.aborted);
    const operation = await up(stack, program, AbortSignal.any([signal, time]), (event) => {
      made.add(event);
      keepEvent(session, event);
    });
    const failure = deployFailure(operation, { cancelled: signal.aborted, late: time.aborted, thrown: thrown() });
    if (failure) await recorder.fail({ name: course.failureName, title: DEPLOYED }, failure, signal, start);
    course.end(signal.aborted);
  });
}

/** Whether base is to be undeployed before what a stride deploys. */
function isReattached({ deployments }: Prepared, stride: readonly PlannedPhase[]): boolean {
  return subjectOf(deployments).reattach === true && stride.some(({ name, skip }) => name === "upgrade" && !skip);
}
