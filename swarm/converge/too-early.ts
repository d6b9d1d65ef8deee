import { literally } from "../../lib/plain-text.ts";
import type { Task } from "../task.ts";
import type { ServiceView } from "./converge-judge.ts";
import { UNKNOWN_NAME } from "./unknown-name.ts";

/** What programs say of somebody who is there, and does not answer yet. */
const NO_ANSWER =
  /refused|unreachable|no route to host|timed? ?out|(?:could not|cannot|can't|unable to|failed to) connect|starting up|not ready/i;

/** A program asks somebody a moment before it ends for want of an answer. */
const MOMENT_MS = 2000;
/** Without a health check Swarm takes a service for up as soon as its program runs: so long that may still begin. */
const BEGINS_MS = 10_000;

/**
 * The other service of its app for want of which a task ended, as its last words say: it was not up yet, and Swarm, which
 * knows no order, starts such a task again until it is. Undefined where it says nothing of another service, or that was up.
 *
 * @param said the task's last words
 * @param former the task is one of what its service was before an update, where nobody knows any more since when another
 *   was up: its words alone count
 */
export function waitsInVain(
  task: Task,
  said: string,
  others: readonly ServiceView[],
  former = false,
): string | undefined {
  const lines = said.split("\n");
  const around = lines
    .filter((_, index) => lines.slice(Math.max(index - 1, 0), index + 2).some(tellsOfAbsence))
    .join("\n");
  const ended = Date.parse(task.Status.Timestamp);
  const waitedFor = others.find((other) => names(other).test(around) && (former || !wasUp(other, ended)));
  return waitedFor?.expected.name;
}

function tellsOfAbsence(line: string): boolean {
  return UNKNOWN_NAME.test(line) || NO_ANSWER.test(line);
}

/** What a service goes by in its networks: its own name, its aliases there, and its addresses. */
function names({ expected, service }: ServiceView): RegExp {
  const template = service?.Spec?.TaskTemplate;
  const networks = [...(template?.Networks ?? []), ...(service?.Spec?.Networks ?? [])];
  const addresses = service?.Endpoint?.VirtualIPs?.map(({ Addr = "" }) => Addr.split("/", 1).join()) ?? [];
  const all = [expected.name, ...networks.flatMap(({ Aliases }) => Aliases ?? []), ...addresses];
  return new RegExp(`(?<![\\w.-])(?:${all.filter(Boolean).map(literally).join("|")})(?![\\w-]|\\.\\w)`);
}

function wasUp({ tasks }: ServiceView, moment: number): boolean {
  return tasks.some(({ Status, CreatedAt, Spec }) => {
    const latest = moment - (Spec.ContainerSpec?.Healthcheck?.Test ? MOMENT_MS : BEGINS_MS);
    const since = Date.parse(Status.Timestamp);
    if (Status.State === "running") return since <= latest;
    // It was replaced since: until then it may have been up.
    return Status.State === "shutdown" && Date.parse(CreatedAt) <= latest && since >= moment;
  });
}
