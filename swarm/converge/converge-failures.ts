import { type Duration, humanize, milliseconds } from "../../lib/duration.ts";
import { healthTestMistake } from "../../lib/swarm/health-test.ts";
import type { Engine, Swarm } from "../client.ts";
import { type ContainerRecord, containerHealth, isProbeMissing, recordOf } from "../container-record.ts";
import type { EngineEvent } from "../engine-events.ts";
import { engineOf } from "../engines.ts";
import { SERVICE_NAME_LABEL } from "../run-label.ts";
import { newestFirst, type Task } from "../task.ts";
import { ownerOf, stumbles } from "./cause-owner.ts";
import { causeSentence, said } from "./cause-sentence.ts";
import { type ConvergeCause, type ConvergeCauseKind, ConvergeError } from "./converge-error.ts";
import {
  failedBefore,
  failedTasks,
  isCurrent,
  isPausedByEnd,
  type Judgement,
  type ServiceView,
} from "./converge-judge.ts";
import { noRoom } from "./no-room.ts";
import { becauseOfThePrevious } from "./previous-task.ts";
import { waitsInVain } from "./too-early.ts";

export interface FailureBookOptions {
  swarm: Swarm;
  services: readonly { name: string }[];
  deadline?: Duration;
  restartBudget?: number;
  sinceChange?: boolean;
  formerToo?: boolean;
  redact?: (text: string) => string;
}

/** How long "no suitable node" must be said without a break: a task that stops may still hold the host port. */
const UNSCHEDULABLE_MS = 5000;

/** What the engine reports of a container that runs, and whose health check failed too often. */
const UNHEALTHY = "health_status: unhealthy";

/** Keeps what went wrong while services come to rest, and ends the watch when it is too much. */
export class FailureBook {
  readonly #options: FailureBookOptions;
  readonly #redact: (text: string) => string;
  /** Failures by service, then by task. */
  readonly #failed = new Map<string, Map<string, ConvergeCause>>();
  /** By task that ended, what its service waited for that was not up yet; where there is none, the task is charged. */
  readonly #ends = new Map<string, { service: string; waitedFor?: string }>();
  /** Taken at the moment of death, as Swarm removes containers of older tasks. */
  readonly #records = new Map<string, Promise<ContainerRecord | undefined>>();
  /** Containers that Swarm ends for their health, which a program that ends in good order does not show. */
  readonly #sick = new Set<string>();
  readonly #unschedulableSince = new Map<string, number>();

  constructor(options: FailureBookOptions) {
    this.#options = options;
    this.#redact = options.redact ?? ((text) => text);
  }

  /** Failed tasks so far, of all services. */
  get count(): number {
    return [...this.#failed.values()].reduce((sum, tasks) => sum + tasks.size, 0);
  }

  /** What ended since others of its app were not up yet, a sentence for each service. */
  get tooEarly(): string[] {
    const sentences = [...this.#ends.values()].flatMap(({ service, waitedFor }) =>
      waitedFor === undefined ? [] : `${service} ended until ${waitedFor} was up`,
    );
    return [...new Set(sentences)];
  }

  onEvent(event: EngineEvent, engine: Engine): void {
    const service = event.Actor.Attributes[SERVICE_NAME_LABEL];
    if (!this.#options.services.some(({ name }) => name === service)) return;
    if (event.Action === UNHEALTHY) this.#sick.add(event.Actor.ID);
    if (event.Action === UNHEALTHY || event.Action === "die") this.#record(engine, event.Actor.ID);
  }

  /** @throws ConvergeError when a service is past its restart budget or can't come to rest any more. */
  async check(views: readonly ServiceView[]): Promise<void> {
    const causes = (await Promise.all(views.map((view) => this.#checkService(view, views)))).flat();
    if (causes.length) throw new ConvergeError(causes.map((cause) => withNeighbours(cause, views)));
  }

  /**
   * The error for services that are not settled at the deadline, with what can be said about each.
   * @param changing why one that is settled is not at rest all the same
   */
  async deadline(
    views: readonly ServiceView[],
    judgements: readonly Judgement[],
    changing = "it kept changing",
  ): Promise<ConvergeError> {
    const limit = humanize(milliseconds(this.#options.deadline ?? "60 s"));
    const late = views.flatMap((view, index) => {
      const judgement = judgements[index];
      const reason = judgement && !judgement.settled ? judgement.reason : changing;
      return judgement?.settled && judgements.some((other) => !other.settled) ? [] : [{ view, reason }];
    });
    return new ConvergeError(await Promise.all(late.map(({ view, reason }) => this.#lateCause(view, reason, limit))));
  }

  async #checkService(view: ServiceView, views: readonly ServiceView[]): Promise<ConvergeCause[]> {
    const before = this.#options.formerToo ? await this.#charged(failedBefore(view), view, views, true) : [];
    const [last] = before.slice(-1);
    if (last && before.length > (this.#options.restartBudget ?? 0)) {
      const cause = await this.#cause(view, last, "exited", before.length);
      return [{ ...cause, message: `${cause.message}; that was the version before, which nobody had updated yet` }];
    }
    return this.#checkCurrent(view, views);
  }

  async #checkCurrent(view: ServiceView, views: readonly ServiceView[]): Promise<ConvergeCause[]> {
    const known = this.#failed.get(view.expected.name) ?? new Map<string, ConvergeCause>();
    this.#failed.set(view.expected.name, known);
    const failed = failedTasks(view);
    const counting = this.#options.sinceChange ? failed.filter((task) => endedSinceChange(view, task)) : failed;
    for (const task of await this.#charged(counting, view, views)) await this.#note(view, known, task, "exited");
    for (const task of startedTasks(view)) {
      const kind = await this.#healthProblem(task);
      if (kind) await this.#note(view, known, task, kind);
    }
    const last = [...known.values()].at(-1);
    if (last && known.size > (this.#options.restartBudget ?? 0)) {
      const because = last.kind === "exited" ? becauseOfThePrevious(view) : "";
      return [{ ...last, message: `${last.message}${because}`, failures: known.size }];
    }
    return [...(await this.#updateProblem(view, last, known.size)), ...this.#placementProblem(view, known.size)];
  }

  async #note(view: ServiceView, known: Map<string, ConvergeCause>, task: Task, kind: ConvergeCauseKind) {
    if (known.has(task.ID)) return;
    known.set(task.ID, await this.#cause(view, task, kind, known.size + 1));
  }

  async #cause(view: ServiceView, task: Task, kind: ConvergeCauseKind, failures: number): Promise<ConvergeCause> {
    const containerId = task.Status.ContainerStatus?.ContainerID || undefined;
    const engine = containerId ? await engineOf(this.#options.swarm, task.NodeID) : undefined;
    const record = containerId && engine ? await this.#record(engine, containerId) : undefined;
    const exitCode = task.Status.ContainerStatus?.ExitCode || record?.exitCode;
    const ended = containerId && this.#sick.has(containerId) ? "unhealthy" : endKind(task);
    const end = kind === "exited" ? ended : kind;
    return {
      kind: end,
      owner: ownerOf(end, task, record),
      service: view.expected.name,
      message: this.#redact(`${causeSentence(end, task, { exitCode, record })}${mistakeOf(end, task)}`),
      taskId: task.ID,
      containerId,
      exitCode,
      failures,
      logs: record?.logs,
      healthOutput: record?.probe?.output,
    };
  }

  /**
   * The tasks that ended neither by the engine's own fault nor for want of another service, which was not up yet.
   * @param former as of waitsInVain
   */
  async #charged(
    ended: readonly Task[],
    view: ServiceView,
    views: readonly ServiceView[],
    former = false,
  ): Promise<readonly Task[]> {
    const others = views.filter((other) => other !== view);
    // Each is judged when it is first seen: there are five looks in a second.
    const spared = stumbles(ended);
    const own = ended.filter((task) => !spared.includes(task));
    for (const task of own.filter(({ ID }) => !this.#ends.has(ID))) {
      const { kind, service, logs = "" } = await this.#cause(view, task, "exited", 1);
      const waitedFor = kind === "exited" ? waitsInVain(task, logs, others, former) : undefined;
      this.#ends.set(task.ID, { service, waitedFor });
    }
    return own.filter(({ ID }) => this.#ends.get(ID)?.waitedFor === undefined);
  }

  #record(engine: Engine, containerId: string): Promise<ContainerRecord | undefined> {
    const known = this.#records.get(containerId) ?? recordOf(engine, containerId, this.#redact);
    this.#records.set(containerId, known);
    return known;
  }

  /** Swarm kills an unhealthy container, and a probe without its program never passes: no need to wait for the end. */
  async #healthProblem(task: Task): Promise<ConvergeCauseKind | undefined> {
    const containerId = task.Status.ContainerStatus?.ContainerID;
    const engine = containerId ? await engineOf(this.#options.swarm, task.NodeID) : undefined;
    const record = containerId && engine ? await containerHealth(engine, containerId) : undefined;
    // Of a container that has ended by itself the engine says unhealthy as well: no one asks it any more.
    if (!record?.running || !record.health || record.health === "healthy") return undefined;
    if (isProbeMissing(record)) return "health-command-missing";
    return record.health === "unhealthy" ? "unhealthy" : undefined;
  }

  async #updateProblem(view: ServiceView, last: ConvergeCause | undefined, failures: number): Promise<ConvergeCause[]> {
    const { State, Message } = view.service?.UpdateStatus ?? {};
    if (!State || State === "updating" || State === "completed" || isPausedByEnd(view)) return [];
    // Rolled back, the service has base's spec again, and the task that failed is none of it. Once that is done, Swarm
    // doesn't name it any more.
    const blamed = view.tasks.find(({ ID }) => Message?.includes(ID)) ?? lastFailed(view.tasks, State);
    const cause = last ?? (blamed && (await this.#cause(view, blamed, "exited", failures)));
    const words = `the update is ${State}: ${Message ?? "no reason given"}${this.#pauseRemedy(State, failures)}`;
    const message = cause ? `${cause.message}; ${words}` : words;
    return [{ owner: "recipe", ...cause, kind: "update-failed", service: view.expected.name, message, failures }];
  }

  /** A restart that is tolerated is none of the recipe's failures, and stops an update all the same. */
  #pauseRemedy(state: string, failures: number): string {
    if (state !== "paused" || failures > (this.#options.restartBudget ?? 0) || failures === 0) return "";
    const key = "deploy.update_config.failure_action";
    return `; a task that ends while Swarm watches it stops the update, though it is started again and again: ${key} is pause, the default, and continue lets the update go on`;
  }

  #placementProblem(view: ServiceView, failures: number): ConvergeCause[] {
    const name = view.expected.name;
    const stuck = view.tasks.find(
      (task) => task.Status.State === "pending" && task.Status.Err?.includes("no suitable node"),
    );
    const since = stuck ? (this.#unschedulableSince.get(name) ?? performance.now()) : undefined;
    if (since === undefined) this.#unschedulableSince.delete(name);
    else this.#unschedulableSince.set(name, since);
    if (!stuck || since === undefined || performance.now() - since < UNSCHEDULABLE_MS) return [];
    const startsFirst = view.service?.Spec?.UpdateConfig?.Order === "start-first";
    const said = noRoom(stuck.Status.Err ?? "no suitable node", startsFirst);
    return [{ kind: "no-suitable-node", ...said, service: name, taskId: stuck.ID, failures }];
  }

  async #lateCause(view: ServiceView, reason: string, limit: string): Promise<ConvergeCause> {
    const known = this.#failed.get(view.expected.name);
    const last = [...(known?.values() ?? [])].at(-1);
    const task = startedTasks(view).at(-1);
    const seen = task ? await this.#cause(view, task, "not-converged", known?.size ?? 0) : undefined;
    const words = said(seen?.healthOutput);
    const probed = words && `; its health check said last${words}`;
    const message = `not at rest within ${limit}: ${reason}${probed}${task ? this.#redact(mistakeOf("unhealthy", task)) : ""}`;
    const service = view.expected.name;
    return { failures: 0, owner: "recipe", ...last, ...seen, kind: "not-converged", service, message };
  }
}

/** What of its health check can't be meant so, for the end of a sentence about its health; empty where nothing is. */
function mistakeOf(kind: ConvergeCauseKind, { Spec }: Task): string {
  if (kind !== "unhealthy" && kind !== "health-command-missing") return "";
  const mistake = healthTestMistake(Spec?.ContainerSpec?.Healthcheck?.Test);
  return mistake ? `; its health check ${mistake.says}: ${mistake.remedy}` : "";
}

/** An app often ends since another is not up yet: that one is named. */
function withNeighbours(cause: ConvergeCause, views: readonly ServiceView[]): ConvergeCause {
  const others = views.filter((view) => view.expected.name !== cause.service && startedTasks(view).length > 0);
  if (cause.kind !== "exited" || others.length === 0) return cause;
  const names = others.map(({ expected }) => expected.name).join(", ");
  return { ...cause, message: `${cause.message}; meanwhile not healthy yet: ${names}` };
}

function endedSinceChange({ service }: ServiceView, task: Task): boolean {
  return Date.parse(task.Status.Timestamp) >= Date.parse(service?.UpdatedAt ?? "");
}

/** Tasks of the current spec whose container is up but not (known to be) healthy. */
function startedTasks({ service, tasks }: ServiceView): Task[] {
  return tasks.filter((task) => service && task.Status.State === "starting" && isCurrent(service, task));
}

function endKind(task: Task): ConvergeCauseKind {
  const why = task.Status.Err ?? "";
  // Swarm says when it ended a container for its health; one that was unhealthy may still have ended by itself.
  if (why.includes("unhealthy container")) return "unhealthy";
  // What has run has neither lacked its image nor been refused, whatever the words of its end.
  const hasRun = task.Status.State !== "rejected" && !why.includes("starting container failed");
  if (hasRun) return "exited";
  return /no such image|pull|manifest|registry/i.test(why) ? "image" : "rejected";
}

/** The task for which an update was rolled back, as far as that can be told. */
function lastFailed(tasks: readonly Task[], state: string): Task | undefined {
  if (!state.startsWith("rollback")) return undefined;
  const failed = tasks.filter(({ Status }) => Status.State === "failed" || Status.State === "rejected");
  return newestFirst(failed)[0];
}
