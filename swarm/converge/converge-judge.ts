import { isDeepStrictEqual } from "node:util";
import type Docker from "dockerode";
import { hasEnded, newestFirst, type Task, type TaskTemplate } from "../task.ts";

/** A service that must come to rest. */
export interface ExpectedService {
  name: string;
  /** Replicas the recipe asks for. Default: what Swarm's own record says. Ignored for global services and jobs. */
  replicas?: number;
  /** Its tasks may come to an end with exit code 0, where its restart policy has none started again. Default: false. */
  mayEnd?: boolean;
}

/** One look at a service and at all its tasks, old and new. */
export interface ServiceView {
  expected: ExpectedService;
  /** Undefined when Swarm has no service of that name. */
  service?: Docker.Service;
  tasks: readonly Task[];
}

/** Where everything asked for runs: its tasks. Else the reason, for a person. */
export type Judgement = { settled: true; tasks: readonly Task[] } | { settled: false; reason: string };

/**
 * Whether a service has what its current spec asks for, and nothing of an older one is left running.
 * @param watchedYet Swarm may still watch an update whose tasks all run
 */
export function judge(view: ServiceView, watchedYet = false): Judgement {
  const { expected, service, tasks } = view;
  if (!service) return waiting(`there is no service ${expected.name}`);
  const update = service.UpdateStatus;
  const stopped = update?.State !== "completed" && !isPausedByEnd(view);
  if (update?.State && stopped && !(watchedYet && update.State === "updating"))
    return waiting(`${expected.name}: ${update.Message || `update is ${update.State}`}`);
  const current = tasks.filter((task) => isCurrent(service, task));
  const mode = service.Spec?.Mode ?? {};
  if (mode.ReplicatedJob || mode.GlobalJob) return judgeJob(expected.name, service, current);

  const stopping = tasks.find((task) => task.Status.State === "running" && !current.includes(task));
  if (stopping) return waiting(`${expected.name}: a task of the previous version is still running`);
  const done = endedWell(view);
  const desired = current.filter((task) => task.DesiredState === "running" && !done.includes(task));
  const all = desired.length + done.length;
  const wanted = mode.Global ? Math.max(all, 1) : (expected.replicas ?? mode.Replicated?.Replicas ?? 1);
  const running = desired.filter((task) => task.Status.State === "running");
  if (running.length === desired.length && all === wanted) return { settled: true, tasks: [...running, ...done] };
  const late = tasks.find((task) => !hasEnded(task.Status.State) && task.Status.State !== "running");
  return waiting(`${expected.name}: ${running.length}/${wanted} tasks run${late ? `, one is ${stateOf(late)}` : ""}`);
}

/**
 * Whether Swarm stopped an update since a task came to the good end that it may. Swarm calls that an early termination,
 * and the tasks that it still had to replace, if any, are seen by themselves.
 */
export function isPausedByEnd(view: ServiceView): boolean {
  const { State, Message } = view.service?.UpdateStatus ?? {};
  return State === "paused" && endedWell(view).some(({ ID }) => Message?.includes(ID));
}

function judgeJob(name: string, service: Docker.Service, current: readonly Task[]): Judgement {
  const iteration = service.JobStatus?.JobIteration?.Index;
  const tasks = current.filter((task) => task.JobIteration?.Index === iteration);
  const complete = tasks.filter((task) => task.Status.State === "complete");
  const job = service.Spec?.Mode?.ReplicatedJob;
  const wanted = job ? (job.TotalCompletions ?? job.MaxConcurrent ?? 1) : Math.max(tasks.length, 1);
  if (complete.length >= wanted) return { settled: true, tasks: complete };
  return waiting(`${name}: ${complete.length}/${wanted} runs of the job are complete`);
}

function waiting(reason: string): Judgement {
  return { settled: false, reason };
}

/** A task's state with Swarm's reason for it, e.g. `pending (no suitable node)`. */
export function stateOf(task: Task): string {
  const why = task.Status.Err || (task.Status.Message === task.Status.State ? "" : task.Status.Message);
  return why ? `${task.Status.State} (${why})` : task.Status.State;
}

/**
 * Tasks of the current spec that ended though nobody asked them to: `complete` counts, except in jobs, and where the
 * service may be done.
 */
export function failedTasks(view: ServiceView): readonly Task[] {
  const { service, tasks } = view;
  if (!service) return [];
  const mode = service.Spec?.Mode ?? {};
  const states = mode.ReplicatedJob || mode.GlobalJob ? ["failed", "rejected"] : ["failed", "rejected", "complete"];
  const done = endedWell(view);
  return tasks.filter((task) => states.includes(task.Status.State) && isCurrent(service, task) && !done.includes(task));
}

/**
 * Tasks of what a service was before its update that ended by themselves before that began: Swarm put another of the
 * same version in their place.
 */
export function failedBefore({ service, tasks, expected }: ServiceView): readonly Task[] {
  if (!service) return [];
  const former = tasks.filter((task) => !isCurrent(service, task));
  const isFollowed = ({ ID, Slot, NodeID, CreatedAt, Spec }: Task) =>
    former.some(
      (other) =>
        other.ID !== ID &&
        (Slot === undefined ? other.NodeID === NodeID : other.Slot === Slot) &&
        other.CreatedAt > CreatedAt &&
        isDeepStrictEqual(comparable(other.Spec), comparable(Spec)),
    );
  const states = ["failed", "rejected", ...(expected.mayEnd ? [] : ["complete"])];
  return former.filter((task) => states.includes(task.Status.State) && isFollowed(task));
}

/**
 * Tasks that came to a good end, after which none is to be started: the last one of each slot. Under `on-failure` that is
 * how a service without a word is set up as well, so one that stayed until it was replaced has to stay now, too.
 */
export function endedWell({ expected, service, tasks }: ServiceView): readonly Task[] {
  if (!service || !expected.mayEnd) return [];
  const again = service.Spec?.TaskTemplate?.RestartPolicy?.Condition ?? "any";
  const current = newestFirst(tasks.filter((task) => isCurrent(service, task))).reverse();
  const stayed = tasks.some((task) => task.Status.State === "shutdown" && !current.includes(task));
  if (again === "any" || (again === "on-failure" && stayed)) return [];
  const bySlot = new Map(current.map((task) => [task.Slot ?? task.NodeID, task]));
  return [...bySlot.values()].filter(({ Status }) => Status.State === "complete");
}

/**
 * Whether a task was made from the service's spec as it is now. The API does not show the spec's version, so the
 * task's own copy is compared, as Swarm's updater does (swarmkit, orchestrator/task.go, IsTaskDirty): placement
 * may differ, and `Runtime` is filled in for services only.
 */
export function isCurrent(service: Docker.Service, task: Task): boolean {
  return isDeepStrictEqual(comparable(service.Spec?.TaskTemplate), comparable(task.Spec));
}

function comparable(template: object | TaskTemplate | undefined): object {
  return { ...template, Placement: undefined, Runtime: undefined };
}

/** Milliseconds since the epoch, by the engine's clock, at which the last of these tasks changed its state. */
export function lastChange(tasks: readonly Task[]): number {
  return Math.max(0, ...tasks.map((task) => Date.parse(task.Status.Timestamp)));
}
