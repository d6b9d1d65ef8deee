import { InfraError } from "../lib/errors.ts";
import { LEAVING_LABEL, PLACE_LABEL } from "../lib/swarm/node-labels.ts";
import { until } from "../lib/until.ts";
import { EngineUnreachable, engineCall, engineInfo, engineRequest } from "./engine-api.ts";
import type { Progress } from "./progress.ts";
import { labelNode, leaveSwarm, type SwarmNode, settledInfo, swarmFailed } from "./swarm.ts";

/** An engine that manages a Swarm. */
export interface SwarmManager {
  socket: string;
  address: string;
}

/** An engine that is to be a worker of a Swarm. */
export interface SwarmWorker {
  socket: string;
  /** Host name of its machine. */
  name: string;
  address: string;
  /** Of its node. */
  labels: Readonly<Record<string, string>>;
}

/** Longest wait for the runs that have a worker which is to leave, and for what else runs there. */
const PATIENCE = "60 min";

/**
 * Makes an engine a worker of a manager's Swarm, and waits until its node is ready there. The token goes from one
 * engine to the other through this process alone. A membership in another Swarm, or a broken one, is given up.
 */
export async function joinSwarm(worker: SwarmWorker, manager: SwarmManager): Promise<void> {
  const { Swarm } = await settledInfo(worker.socket, "worker");
  if (!(await isMember(worker, manager, Swarm.NodeID))) {
    if (Swarm.LocalNodeState !== "inactive") await leaveSwarm(worker.socket);
    await forgetOld(worker.name, manager);
    const { JoinTokens } = await engineCall<{ JoinTokens: { Worker: string } }>(manager.socket, "GET", "/swarm");
    const body = {
      ListenAddr: "0.0.0.0:2377",
      AdvertiseAddr: worker.address,
      RemoteAddrs: [`${manager.address}:2377`],
      JoinToken: JoinTokens.Worker,
    };
    await engineCall(worker.socket, "POST", "/swarm/join", { body, timeout: 60_000 });
  }
  const { NodeID } = (await settledInfo(worker.socket, "worker")).Swarm;
  await until(
    async () => {
      const state = (await nodeAt(manager.socket, NodeID))?.Status.State;
      return state === "ready"
        ? { done: true, value: undefined }
        : { done: false, reason: `it is ${state ?? "absent"}` };
    },
    { what: `${worker.name} ready in the Swarm`, deadline: "60 s", every: "100 ms" },
  ).catch(swarmFailed);
  await labelNode(() => nodeAt(manager.socket, NodeID), manager.socket, worker.labels);
}

/**
 * Takes a worker out of its Swarm: no run is given it any more, those that have it come to their end as if nothing were,
 * then nothing new comes to it, it is drained, leaves and is struck off. One that does not answer is only struck off.
 *
 * @throws InfraError when a run still has it after an hour, or something still runs there
 */
export async function leaveAsWorker(
  { socket, name }: Pick<SwarmWorker, "socket" | "name">,
  manager: SwarmManager,
  progress: Progress,
): Promise<void> {
  const id = await nodeIdOf(socket);
  if (!id) return forgetOld(name, manager);
  const isKnown = (await nodeAt(manager.socket, id)) !== undefined;
  if (isKnown) {
    await unused(manager.socket, id, progress).catch(async (error: unknown) => {
      // It stays, and so is to be of use.
      await setAvailability(manager.socket, id, "active");
      await setLeaving(manager.socket, id, false);
      throw error;
    });
    await setAvailability(manager.socket, id, "drain");
  }
  await leaveSwarm(socket);
  if (isKnown) await strikeOff(manager.socket, id);
}

/** Whether a manager has a node of that id, and finds it ready. */
export async function isReadyWorker(managerSocket: string, nodeId: string): Promise<boolean> {
  return (await nodeAt(managerSocket, nodeId))?.Status.State === "ready";
}

async function isMember({ socket, address }: SwarmWorker, manager: SwarmManager, nodeId: string): Promise<boolean> {
  const { Swarm } = await engineInfo(socket);
  if (Swarm.LocalNodeState !== "active" || Swarm.NodeAddr !== address) return false;
  return (await nodeAt(manager.socket, nodeId)) !== undefined;
}

/**
 * Strikes off the workers of a host name: a machine that was made anew is another node to the Swarm, which would keep the
 * old one for ever.
 */
export async function forgetOld(name: string, { socket }: Pick<SwarmManager, "socket">): Promise<void> {
  const answer = await engineRequest<SwarmNode[]>(socket, "GET", "/nodes").catch(unreachable);
  const nodes = answer?.status === 200 ? answer.body : [];
  for (const { ID, Description, Spec } of nodes)
    if (Description?.Hostname === name && Spec.Role === "worker") await strikeOff(socket, ID);
}

async function strikeOff(socket: string, id: string): Promise<void> {
  const { status, body } = await engineRequest<{ message?: string }>(socket, "DELETE", `/nodes/${id}?force=true`);
  if (status !== 404 && status >= 300) throw new InfraError(`node ${id} can't be struck off: ${body?.message}`);
}

async function setAvailability(socket: string, id: string, availability: "active" | "pause" | "drain"): Promise<void> {
  await until(
    async () => {
      const node = await nodeAt(socket, id);
      if (!node || node.Spec.Availability === availability) return { done: true, value: undefined };
      const body = { ...node.Spec, Availability: availability };
      const path = `/nodes/${id}/update?version=${node.Version.Index}`;
      // Refused as out of sequence when the node's own heartbeat came between: look again.
      const answer = await engineRequest<{ message?: string }>(socket, "POST", path, { body });
      return { done: false, reason: answer.body?.message ?? "sent" };
    },
    { what: `node to ${availability}`, deadline: "15 s", every: "50 ms" },
  ).catch(swarmFailed);
}

/**
 * Ends once nobody needs the worker. A run has moments in which nothing of it runs, and others in which Swarm has to find
 * a place for its tasks: so its end is what is waited for, and only then the worker is paused.
 */
async function unused(socket: string, id: string, progress: Progress): Promise<void> {
  await setLeaving(socket, id, true);
  await withoutRuns(socket, id, progress);
  await setAvailability(socket, id, "pause");
  if ((await runsOn(socket, id)).length > 0) {
    // One had chosen it before it was known to leave.
    await setAvailability(socket, id, "active");
    return unused(socket, id, progress);
  }
  await idle(socket, id, progress);
}

async function withoutRuns(socket: string, id: string, progress: Progress): Promise<void> {
  let told = "";
  await until(
    async () => {
      const runs = (await runsOn(socket, id)).join(", ");
      if (!runs) return { done: true, value: undefined };
      if (runs !== told) progress(`waiting for the end of ${runs}, whose node it is`);
      told = runs;
      return { done: false, reason: `${runs} has it` };
    },
    { what: "end of the runs whose node the worker is", deadline: PATIENCE, every: "500 ms" },
  ).catch(swarmFailed);
}

/** Runs that were given a node. */
async function runsOn(socket: string, id: string): Promise<string[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`${PLACE_LABEL}=${id}`] }));
  const configs = await engineCall<{ Spec: { Name: string } }[]>(socket, "GET", `/configs?filters=${filters}`);
  return configs.map(({ Spec }) => Spec.Name.replace(/-place$/, ""));
}

async function setLeaving(socket: string, id: string, leaving: boolean): Promise<void> {
  await labelNode(() => nodeAt(socket, id), socket, { [LEAVING_LABEL]: String(leaving) });
}

async function idle(socket: string, id: string, progress: Progress): Promise<void> {
  const filters = encodeURIComponent(JSON.stringify({ node: [id], "desired-state": ["running"] }));
  let told = false;
  await until(
    async () => {
      const tasks = await engineCall<{ Status: { State: string } }[]>(socket, "GET", `/tasks?filters=${filters}`);
      const left = tasks.filter(({ Status }) => Status.State === "running" || Status.State === "starting").length;
      if (left === 0) return { done: true, value: undefined };
      if (!told) progress("waiting for what runs there");
      told = true;
      return { done: false, reason: `${left} tasks run there` };
    },
    { what: "end of what runs on the worker", deadline: PATIENCE, every: "500 ms" },
  ).catch(swarmFailed);
}

/** Undefined where a manager has no such node, or does not answer. */
async function nodeAt(managerSocket: string, id: string): Promise<SwarmNode | undefined> {
  if (!id) return undefined;
  const answer = await engineRequest<SwarmNode>(managerSocket, "GET", `/nodes/${id}`).catch(unreachable);
  return answer?.status === 200 ? answer.body : undefined;
}

async function nodeIdOf(socket: string): Promise<string | undefined> {
  const info = await engineInfo(socket).catch(unreachable);
  return info?.Swarm.NodeID || undefined;
}

function unreachable(error: unknown): undefined {
  if (!(error instanceof EngineUnreachable)) throw error;
}
