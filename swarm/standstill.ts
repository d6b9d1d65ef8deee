import type Docker from "dockerode";
import type { Duration } from "../lib/duration.ts";
import type { Owner } from "../lib/owner.ts";
import { DeadlineError, until } from "../lib/until.ts";
import { asInfra, engineMessage, found, type Swarm, statusOf } from "./client.ts";
import { ofEach } from "./engines.ts";
import { NAMESPACE_LABEL, SERVICE_ID_LABEL } from "./run-label.ts";
import { hasEnded, listTasks, type Task } from "./task.ts";

/** Fits no node: what keeps a global service, which has no number of replicas, from running anywhere. */
const NOWHERE = "node.id==recipe-ci-standstill";
/** Swarm's own, where a service says nothing (moby, daemon/cluster/executor/container/controller.go). */
const DEFAULT_GRACE_NS = 10_000_000_000;

/** Longest wait for a container that is told to stop, whatever time its service gives it. */
const LONGEST_STOP_S = 300;
/** What an engine needs to end a container whose time is over. */
const ENGINE_S = 30;

/** What is to stand still. */
export interface Standstill {
  swarm: Swarm;
  namespace: string;
  signal?: AbortSignal;
}

/**
 * Ends every task of a namespace and sees to it that none comes back: replicas go to none, global services to no node.
 * Jobs are left to end. Nothing else of a spec changes, so no update of Swarm's own begins, and none is waited for.
 *
 * @param how `lost` kills, as the loss of a server does; `stopped` lets containers end in their own time
 * @param deadline for what Swarm does of it
 * @returns the number of replicas each service had, by name, for {@link startServices}
 * @throws DeadlineError, of `recipe` for a container that takes more than five minutes to stop, else of `infra`: what is
 * waited for is the engines' and Swarm's business
 */
export async function stopServices(
  { swarm, namespace, signal }: Standstill,
  how: "lost" | "stopped",
  deadline: Duration = "120 s",
): Promise<Map<string, number>> {
  const services = await asInfra(swarm, servicesOf(swarm, namespace));
  const names = new Map(services.map(({ ID, Spec }) => [ID, Spec?.Name ?? ID]));
  const live = await liveTasks(swarm, services);
  await Promise.all(
    services.map(async (service) => {
      await endContainers(swarm, service, how);
      await change(swarm, service.ID, resting);
    }),
  );
  await until(
    async () => {
      const tasks = await asInfra(swarm, listTasks(swarm, [...names.keys()]));
      const left = tasks.find((task) => !isOver(task) || live.has(task.ID));
      if (!left) return { done: true, value: undefined };
      if (isOverlooked(left)) await change(swarm, left.ServiceID, same);
      return { done: false, reason: `a task of ${names.get(left.ServiceID)} is ${words(left)}` };
    },
    { what: `end of all tasks of ${namespace}`, deadline, every: "30 ms", signal },
  );
  const replicated = services.flatMap(({ Spec }) => {
    const count = Spec?.Mode?.Replicated?.Replicas;
    return Spec?.Name && count !== undefined ? [[Spec.Name, count] as const] : [];
  });
  return new Map(replicated);
}

/**
 * Whether nothing of a task runs, or ever will. One that was made in place of a task that ended, and taken back before a
 * node had it, stays pending for as long as nothing else happens: no agent knows of it, to say that it has ended.
 */
export function isOver({ Status, DesiredState }: Pick<Task, "Status" | "DesiredState">): boolean {
  const isUnbegun = ["new", "allocated", "pending"].includes(Status.State);
  return hasEnded(Status.State) || (isUnbegun && (DesiredState === "shutdown" || DesiredState === "remove"));
}

/**
 * Whether Swarm has to look at a service once more. It keeps a task that ended, in place of which there came another; and
 * where one ended while its service was told to rest, it may start that other one, and let it run for ever.
 */
function isOverlooked({ Slot, Status, DesiredState }: Task): boolean {
  if (hasEnded(Status.State)) return DesiredState === "shutdown";
  return Slot !== undefined && (DesiredState === "running" || DesiredState === "ready");
}

function words({ Status, NodeID, DesiredState }: Task): string {
  return `${Status.State} on node ${NodeID ?? "none yet"}, and is to be ${DesiredState}`;
}

/**
 * Tasks that Swarm must have forgotten before their service runs again. As long as it keeps one that came to a good end,
 * under `restart_policy: on-failure`, its slot needs no other (swarmkit, orchestrator/restart, UpdatableTasksInSlot), and
 * the service would stand still for ever. It forgets them when it sees that there are to be none; one whose end it took
 * note of at the same moment stays, until it looks at the service again.
 */
async function liveTasks(swarm: Swarm, services: readonly Docker.Service[]): Promise<ReadonlySet<string>> {
  const replicated = services.filter(({ Spec }) => Spec?.Mode?.Replicated).map(({ ID }) => ID);
  const tasks = await asInfra(swarm, listTasks(swarm, replicated));
  return new Set(tasks.filter(({ DesiredState }) => DesiredState === "running").map(({ ID }) => ID));
}

/**
 * Lets every service of a namespace run again, each with the spec it had.
 *
 * @param replicas of each replicated service, by name; one that is not named gets those it had before
 * @param jobs `again` runs each job once more, as a new deployment does. Default: they are left alone
 */
export async function startServices(
  { swarm, namespace }: Standstill,
  replicas: ReadonlyMap<string, number>,
  jobs?: "again",
): Promise<void> {
  const services = await asInfra(swarm, servicesOf(swarm, namespace));
  await Promise.all(services.map(({ ID }) => change(swarm, ID, (service) => running(service, replicas, jobs))));
}

/** The spec a service is to have; undefined where it has it. */
type Change = (service: Docker.Service) => Docker.ServiceSpec | undefined;

function same({ Spec }: Docker.Service): Docker.ServiceSpec | undefined {
  return Spec;
}

function resting({ Spec }: Docker.Service): Docker.ServiceSpec | undefined {
  if (Spec?.Mode?.Replicated) return withReplicas(Spec, 0);
  const placement = Spec?.TaskTemplate?.Placement;
  if (!Spec?.Mode?.Global || isNowhere(placement)) return undefined;
  return withPlacement(Spec, { ...placement, Constraints: [...(placement?.Constraints ?? []), NOWHERE] });
}

function running(
  { Spec, PreviousSpec }: Docker.Service,
  replicas: ReadonlyMap<string, number>,
  jobs?: "again",
): Docker.ServiceSpec | undefined {
  const before: Docker.ServiceSpec | undefined = PreviousSpec;
  const wanted = replicas.get(Spec?.Name ?? "") ?? before?.Mode?.Replicated?.Replicas;
  if (Spec?.Mode?.Replicated) return wanted === undefined ? undefined : withReplicas(Spec, wanted);
  if (Spec?.Mode?.Global) {
    if (!isNowhere(Spec.TaskTemplate?.Placement)) return undefined;
    const back = withPlacement(Spec, before?.TaskTemplate?.Placement);
    return Spec.TaskTemplate?.RestartPolicy?.Condition === "none" ? forced(back) : back;
  }
  return Spec && jobs === "again" ? forced(Spec) : undefined;
}

function forced(spec: Docker.ServiceSpec): Docker.ServiceSpec {
  return { ...spec, TaskTemplate: { ...spec.TaskTemplate, ForceUpdate: (spec.TaskTemplate?.ForceUpdate ?? 0) + 1 } };
}

function withReplicas(spec: Docker.ServiceSpec, count: number): Docker.ServiceSpec | undefined {
  if (spec.Mode?.Replicated?.Replicas === count) return undefined;
  return { ...spec, Mode: { Replicated: { ...spec.Mode?.Replicated, Replicas: count } } };
}

function isNowhere(placement: Docker.Placement | undefined): boolean {
  return placement?.Constraints?.includes(NOWHERE) ?? false;
}

function withPlacement(spec: Docker.ServiceSpec, Placement: Docker.Placement | undefined): Docker.ServiceSpec {
  return { ...spec, TaskTemplate: { ...spec.TaskTemplate, Placement } };
}

// Swarm itself may have written to the service since it was read, when an update of it ended.
async function change(swarm: Swarm, id: string, wanted: Change): Promise<void> {
  await until(
    async () => {
      const service: Docker.Service = await asInfra(swarm, swarm.docker.getService(id).inspect());
      const spec = wanted(service);
      if (!spec) return { done: true, value: undefined };
      try {
        await swarm.docker.getService(id).update({ ...spec, version: service.Version?.Index });
        return { done: true, value: undefined };
      } catch (error) {
        const reason = engineMessage(error);
        if (!reason.includes("out of sequence")) return asInfra(swarm, Promise.reject(error));
        return { done: false, reason };
      }
    },
    { what: `change of service ${id}`, deadline: "10 s", every: "50 ms" },
  );
}

/**
 * Ends the containers by the engines of their nodes, before Swarm is told: it would wait two seconds for the news to get
 * around a cluster before it ends one on an overlay network. Those that can't be reached are left to it.
 */
async function endContainers(swarm: Swarm, { ID, Spec }: Docker.Service, how: "lost" | "stopped"): Promise<void> {
  if (!Spec || isLeftToSwarm(Spec, how)) return;
  const template: Docker.ContainerTaskSpec | undefined = Spec.TaskTemplate;
  const grace = Math.ceil((template?.ContainerSpec?.StopGracePeriod ?? DEFAULT_GRACE_NS) / 1e9);
  const filters = { label: [`${SERVICE_ID_LABEL}=${ID}`] };
  await ofEach(swarm, async ({ docker }) => {
    const ends = (await docker.listContainers({ filters })).map(async ({ Id }) => {
      await found(ended(docker.getContainer(Id), Spec.Name ?? ID, how === "lost" ? undefined : grace));
    });
    await Promise.all(ends);
  });
}

/** @param grace seconds after which an engine kills a container that it was told to stop; undefined: it does so at once */
async function ended(container: Docker.Container, service: string, grace: number | undefined): Promise<void> {
  const { seconds, reason, owner } = stopLimit(grace);
  const abortSignal = AbortSignal.timeout(seconds * 1000);
  const end = grace === undefined ? container.kill({ abortSignal }) : container.stop({ t: grace, abortSignal });
  await end.catch((error: unknown) => {
    if (!abortSignal.aborted) return unlessEnded(error);
    throw new DeadlineError(`end of a container of ${service}`, seconds * 1000, reason, owner);
  });
}

/**
 * How long an engine may take to end a container, and who is to blame when that is over.
 * @param grace seconds that its service gives it; undefined: none
 */
export function stopLimit(grace = 0): { seconds: number; reason: string; owner: Owner } {
  const needed = grace + ENGINE_S;
  if (needed <= LONGEST_STOP_S) return { seconds: needed, reason: "its engine has not ended it", owner: "infra" };
  const reason = `it does not stop when it is told to, and its stop_grace_period gives it ${grace} s`;
  return { seconds: LONGEST_STOP_S, reason, owner: "recipe" };
}

/**
 * A job ends by itself. A global service has had its task on a node for good where one came to an end after which it is
 * not to be started again (swarmkit, orchestrator/global, nodeCompleted). One that Swarm ends itself does not count, but
 * where none is to be started again at all: that service is made to run by force.
 */
function isLeftToSwarm({ Mode, TaskTemplate }: Docker.ServiceSpec, how: "lost" | "stopped"): boolean {
  if (Mode?.Replicated) return false;
  const again = TaskTemplate?.RestartPolicy?.Condition ?? "any";
  return !Mode?.Global || again === "none" || (again === "on-failure" && how === "stopped");
}

// 304 and 409: it had ended already.
function unlessEnded(error: unknown): void {
  if (![304, 409].includes(statusOf(error) ?? 0)) throw error;
}

async function servicesOf({ docker }: Swarm, namespace: string): Promise<Docker.Service[]> {
  return docker.listServices({ filters: { label: [`${NAMESPACE_LABEL}=${namespace}`] } });
}
