import { InfraError } from "../lib/errors.ts";
import { DeadlineError, until } from "../lib/until.ts";
import { type EngineInfo, EngineUnreachable, engineCall, engineInfo, engineRequest } from "./engine-api.ts";

/** Overlay network between Traefik and the apps: what abra and all recipes call it. */
export const PROXY_NETWORK = "proxy";

/** A node of a Swarm as its managers know it: the fields that are read here. */
export interface SwarmNode {
  ID: string;
  Version: { Index: number };
  Spec: { Labels?: Record<string, string>; Role: string; Availability: string };
  Description?: { Hostname?: string };
  Status: { State: string };
}

/**
 * Makes an engine the only manager of a Swarm with the proxy network, and its node one with the given labels, and waits
 * until that is ready. A Swarm that advertises another address, or is broken, is left and made anew: it held nothing lasting.
 */
export async function ensureSwarm(
  socket: string,
  address: string,
  labels: Readonly<Record<string, string>>,
  overlays?: OverlayPool,
): Promise<void> {
  const info = await settledInfo(socket);
  if (!isManagerAt(info, address)) {
    if (info.Swarm.LocalNodeState !== "inactive") await leaveSwarm(socket);
    await initSwarm(socket, address, overlays);
  }
  await waitReady(socket);
  await labelNode(() => ownNode(socket), socket, labels);
  await ensureProxyNetwork(socket);
}

/** Where Swarm takes the addresses of overlay networks from. `size`: bits of each one's network part. */
export interface OverlayPool {
  base: string;
  size: number;
}

/** Starts a Swarm of one manager. `overlays`: default as Swarm has it, all of 10.0.0.0/8. */
export async function initSwarm(socket: string, address: string, overlays?: OverlayPool): Promise<void> {
  const pool = overlays && { DefaultAddrPool: [overlays.base], SubnetSize: overlays.size };
  const body = { ListenAddr: "0.0.0.0:2377", AdvertiseAddr: address, ...pool };
  await engineCall(socket, "POST", "/swarm/init", { body, timeout: 60_000 });
}

/** Leaves the Swarm, as its last manager too, and as a worker that its managers know no more. */
export async function leaveSwarm(socket: string): Promise<void> {
  await engineCall(socket, "POST", "/swarm/leave?force=true", { timeout: 60_000 });
  const { Swarm } = await engineInfo(socket);
  if (Swarm.LocalNodeState !== "inactive")
    throw new InfraError(`left the Swarm, but the engine says ${Swarm.LocalNodeState}`);
}

/** Waits until the engine's own node is ready in the Swarm it manages. */
export async function waitReady(socket: string): Promise<void> {
  await until(
    async () => {
      const node = await ownNode(socket);
      return node?.Status.State === "ready"
        ? { done: true, value: undefined }
        : { done: false, reason: `its state is ${node?.Status.State ?? "unknown"}` };
    },
    { what: "Swarm node ready", deadline: "60 s", every: "100 ms" },
  ).catch(swarmFailed);
}

/** Makes the overlay network `proxy` where it is absent. @throws InfraError when one of another kind has the name. */
export async function ensureProxyNetwork(socket: string): Promise<void> {
  const path = `/networks/${PROXY_NETWORK}`;
  const found = await engineRequest<{ Driver: string; Scope: string }>(socket, "GET", path);
  if (found.status === 200) {
    if (found.body.Driver === "overlay" && found.body.Scope === "swarm") return;
    throw new InfraError(`the network ${PROXY_NETWORK} is a ${found.body.Scope} ${found.body.Driver} network`, {
      remedy: `remove it: docker network rm ${PROXY_NETWORK}`,
    });
  }
  const body = { Name: PROXY_NETWORK, Driver: "overlay", Attachable: true, CheckDuplicate: true };
  await engineCall(socket, "POST", "/networks/create", { body });
  await engineCall(socket, "GET", path);
}

function isManagerAt({ Swarm }: EngineInfo, address: string): boolean {
  return Swarm.LocalNodeState === "active" && Swarm.ControlAvailable && Swarm.NodeAddr === address;
}

/**
 * The engine's state once its Swarm has started, or failed to.
 * @param role what the engine is there, if anything
 */
export async function settledInfo(socket: string, role: "manager" | "worker" = "manager"): Promise<EngineInfo> {
  return until(
    async () => {
      const info = await engineInfo(socket);
      const { LocalNodeState: state, ControlAvailable } = info.Swarm;
      // After a restart a manager is active for a moment before it can be talked to.
      const starting = state === "pending" || (role === "manager" && state === "active" && !ControlAvailable);
      return starting ? { done: false, reason: `Swarm is ${state}` } : { done: true, value: info };
    },
    { what: "Swarm started", deadline: "60 s", every: "100 ms" },
  ).catch(swarmFailed);
}

/**
 * Changes labels of a node.
 * @param look gives the node as it is now; undefined while it is not known
 * @param socket of a manager
 */
export async function labelNode(
  look: () => Promise<SwarmNode | undefined>,
  socket: string,
  labels: Readonly<Record<string, string>>,
): Promise<void> {
  await until(
    async () => {
      const node = await look();
      if (!node) return { done: false, reason: "the Swarm does not know the node" };
      const current = node.Spec.Labels ?? {};
      if (Object.entries(labels).every(([key, value]) => current[key] === value))
        return { done: true, value: undefined };
      const body = { ...node.Spec, Labels: { ...current, ...labels } };
      const path = `/nodes/${node.ID}/update?version=${node.Version.Index}`;
      // Refused as out of sequence when the node's own heartbeat came between: look again.
      const answer = await engineRequest<{ message?: string }>(socket, "POST", path, { body });
      return { done: false, reason: answer.body?.message ?? "labels sent" };
    },
    { what: "node labelled", deadline: "15 s", every: "50 ms" },
  ).catch(swarmFailed);
}

/** The engine's own node; undefined while its Swarm can't say yet. */
async function ownNode(socket: string): Promise<SwarmNode | undefined> {
  try {
    const { Swarm } = await engineInfo(socket);
    const { status, body } = await engineRequest<SwarmNode>(socket, "GET", `/nodes/${Swarm.NodeID}`);
    return status === 200 && Swarm.NodeID ? body : undefined;
  } catch (error) {
    if (error instanceof EngineUnreachable) return undefined;
    throw error;
  }
}

/** A wait that was in vain is the machinery's failure. */
export function swarmFailed(error: unknown): never {
  if (!(error instanceof DeadlineError)) throw error;
  throw new InfraError(error.message, { cause: error });
}
