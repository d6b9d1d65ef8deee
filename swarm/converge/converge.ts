import type Docker from "dockerode";
import { type Clock, systemClock } from "../../lib/clock.ts";
import { type Duration, milliseconds } from "../../lib/duration.ts";
import { asInfra, type Swarm } from "../client.ts";
import { containerHealth } from "../container-record.ts";
import { type EventSubscription, subscribe } from "../engine-events.ts";
import { engineOf } from "../engines.ts";
import { listTasks, type Task } from "../task.ts";
import { said } from "./cause-sentence.ts";
import { FailureBook } from "./converge-failures.ts";
import { type ExpectedService, endedWell, type Judgement, judge, type ServiceView } from "./converge-judge.ts";
import { engineClockOffset, Stability } from "./converge-stability.ts";

export interface ConvergeOptions {
  swarm: Swarm;
  services: readonly ExpectedService[];
  /** How long nothing may change before it counts, from the last change on. Default 2 s. */
  stableFor?: Duration;
  /** Default 60 s. */
  deadline?: Duration;
  /** Failed tasks a service may have; one more ends the watch at once. Default 0. */
  restartBudget?: number;
  /** The end of a task before its service was changed last is not held against it. Default: false. */
  sinceChange?: boolean;
  /** What a service was before its update must not have ended by itself before that, either. Default: false. */
  formerToo?: boolean;
  /** All tasks run, though Swarm may still watch them as those of an update. Default: it has to have seen enough. */
  watchedYet?: boolean;
  /** Takes secrets out of logs and probe output. Default: nothing is taken out. */
  redact?: (text: string) => string;
  /** Called with the reason for waiting each time it changes. */
  onProgress?: (reason: string) => void;
  signal?: AbortSignal;
  clock?: Clock;
}

export interface ConvergeEvidence {
  services: ConvergedService[];
  /** From the first of these tasks made to the last one running and healthy, by the engine's clock. */
  containerMs: number;
  /** Failed tasks within the budget. */
  failedTasks: number;
  /** What ended since others of its app were not up yet, and was started again: a sentence for each service. */
  tooEarly: string[];
}

export interface ConvergedService {
  name: string;
  image: string;
  tasks: ConvergedTask[];
  /** Its tasks came to a good end, as they may: none of them runs. */
  ended?: true;
}

export interface ConvergedTask {
  id: string;
  containerId?: string;
  /** ISO 8601, by the engine's clock. */
  createdAt: string;
  /** When it was running: with a health check that is when it was healthy. For a job, when it was complete. */
  readyAt: string;
  containerMs: number;
}

/**
 * Waits until every service runs exactly what its current spec asks for and nothing changes for `stableFor`.
 *
 * @throws ConvergeError as soon as it cannot come to that: a failed task beyond the budget, an unhealthy
 * container, a paused or rolled back update, no node that fits; else at the deadline.
 * @throws InfraError when the engine does not answer.
 */
export function watchConvergence(options: ConvergeOptions): Promise<ConvergeEvidence> {
  return asInfra(options.swarm, watchWithEvents(options));
}

async function watchWithEvents(options: ConvergeOptions): Promise<ConvergeEvidence> {
  const book = new FailureBook(options);
  const events = await subscribe(options.swarm, (event, engine) => book.onEvent(event, engine));
  try {
    return await watch(options, book, events);
  } finally {
    events.close();
  }
}

/** Longest pause between two looks; events make it shorter. */
const POLL_MS = 200;
/** The same where all is as it should be, and only has to stay so. */
const STEADY_POLL_MS = 1000;

async function watch(
  options: ConvergeOptions,
  book: FailureBook,
  events: EventSubscription,
): Promise<ConvergeEvidence> {
  const clock = options.clock ?? systemClock;
  const end = clock.now() + milliseconds(options.deadline ?? "60 s");
  const stability = new Stability(milliseconds(options.stableFor ?? "2 s"), await engineClockOffset(options.swarm));
  let lastReason = "";
  for (;;) {
    options.signal?.throwIfAborted();
    const views = await look(options.swarm, options.services);
    await book.check(views);
    const judgements = views.map((view) => judge(view, options.watchedYet));
    const remaining = stability.remaining(views, judgements);
    const dead = remaining <= 0 ? await deadContainer(options.swarm, judgements) : undefined;
    if (remaining <= 0 && !dead) return evidence(views, judgements, book);
    const unsettled = judgements.find((judgement) => !judgement.settled)?.reason;
    const reason = dead ?? unsettled ?? "all tasks run: waiting for stability";
    if (reason !== lastReason) options.onProgress?.(reason);
    lastReason = reason;
    if (clock.now() >= end) throw await book.deadline(views, judgements, dead);
    const longest = unsettled === undefined && !dead ? STEADY_POLL_MS : POLL_MS;
    await pause(clock, events, Math.min(longest, Math.max(remaining, 20)), options.signal);
  }
}

/**
 * Swarm learns a little later than the engine that a container died: asks the engine itself before the last word.
 * Containers on nodes that can't be reached are left to Swarm. Gives a reason, or undefined when all live.
 */
async function deadContainer(swarm: Swarm, judgements: readonly Judgement[]): Promise<string | undefined> {
  const tasks = judgements.flatMap((judgement) => (judgement.settled ? judgement.tasks : []));
  const reasons = tasks
    .filter((task) => task.Status.State === "running")
    .map(async (task) => {
      const id = task.Status.ContainerStatus?.ContainerID;
      const engine = id ? await engineOf(swarm, task.NodeID) : undefined;
      const record = id && engine ? await containerHealth(engine, id) : undefined;
      if (record?.running === false) return `container ${id?.slice(0, 12)} has died, as Swarm has yet to see`;
      if (record?.health === "unhealthy") return `container ${id?.slice(0, 12)} is unhealthy`;
      // Healthy until it has failed as often as it may: which of the two it comes to is waited for.
      return record?.failing
        ? `the health check of container ${id?.slice(0, 12)} fails now${said(record.probe?.output)}`
        : undefined;
    });
  return (await Promise.all(reasons)).find((reason) => reason !== undefined);
}

async function look(swarm: Swarm, expected: readonly ExpectedService[]): Promise<ServiceView[]> {
  const names = expected.map((service) => service.name);
  const services = names.length ? await swarm.docker.listServices({ filters: { name: names } }) : [];
  const tasks = await listTasks(
    swarm,
    services.map((service) => service.ID),
  );
  return expected.map((one) => {
    const service = services.find((candidate) => candidate.Spec?.Name === one.name);
    return { expected: one, service, tasks: tasks.filter((task) => task.ServiceID === service?.ID) };
  });
}

async function pause(clock: Clock, events: EventSubscription, ms: number, signal?: AbortSignal): Promise<void> {
  const rest = new AbortController();
  const either = signal ? AbortSignal.any([signal, rest.signal]) : rest.signal;
  try {
    await Promise.race([events.next(), clock.sleep(ms, either)]);
  } finally {
    rest.abort();
  }
}

function evidence(
  views: readonly ServiceView[],
  judgements: readonly Judgement[],
  { count: failedTasks, tooEarly }: FailureBook,
): ConvergeEvidence {
  const settled = judgements.map((judgement) => (judgement.settled ? judgement.tasks : []));
  const services = views.map((view, index) => ({
    name: view.expected.name,
    image: imageOf(view.service),
    tasks: (settled[index] ?? []).map(convergedTask),
    ...(endedWell(view).length > 0 ? { ended: true as const } : {}),
  }));
  const tasks = services.flatMap((service) => service.tasks);
  const first = Math.min(...tasks.map((task) => Date.parse(task.createdAt)));
  const last = Math.max(...tasks.map((task) => Date.parse(task.readyAt)));
  return { services, containerMs: tasks.length ? last - first : 0, failedTasks, tooEarly };
}

function imageOf(service: Docker.Service | undefined): string {
  const template = service?.Spec?.TaskTemplate;
  return template && "ContainerSpec" in template ? (template.ContainerSpec?.Image ?? "") : "";
}

function convergedTask(task: Task): ConvergedTask {
  const readyAt = task.Status.Timestamp;
  return {
    id: task.ID,
    containerId: task.Status.ContainerStatus?.ContainerID || undefined,
    createdAt: task.CreatedAt,
    readyAt,
    containerMs: Date.parse(readyAt) - Date.parse(task.CreatedAt),
  };
}
