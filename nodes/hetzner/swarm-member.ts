import { serverEngine } from "../../lib/ssh-arguments.ts";
import { ENGINE_LABEL } from "../../lib/swarm/node-labels.ts";
import { type Capabilities, capabilityLabels } from "../../machine/capabilities.ts";
import { engineInfo } from "../../machine/engine-api.ts";
import type { Progress } from "../../machine/progress.ts";
import { ensureSwarm } from "../../machine/swarm.ts";
import { forgetOld, joinSwarm, leaveAsWorker } from "../../machine/swarm-worker.ts";
import { OVERLAY_POOL } from "./address-plan.ts";
import { canReach, runOn, withEngine } from "./remote.ts";
import { dismissServer } from "./server-access.ts";

/** One server of a node, as its steps know it. */
export interface Member {
  /** Public address, by which it is reached. */
  address: string;
  /** Address in the node's private network, by which the others reach it. */
  privateAddress: string;
}

/** What a step tells of a server's engine. */
export interface MemberAnswer {
  engineVersion: string;
  capabilities: Capabilities;
}

/** Makes a server the manager of a Swarm in the private network. */
export async function managerUp({ address, privateAddress }: Member): Promise<MemberAnswer> {
  return withEngine(address, async (socket) => {
    const answer = await describe(address, socket);
    await ensureSwarm(socket, privateAddress, labelsOf(address, answer), OVERLAY_POOL);
    return answer;
  });
}

/** Makes a server a worker of the manager's Swarm. The token goes from one engine to the other through this process. */
export async function workerUp(
  name: string,
  { address, privateAddress }: Member,
  manager: Member,
): Promise<MemberAnswer> {
  return withEngine(manager.address, (managerSocket) =>
    withEngine(address, async (socket) => {
      const answer = await describe(address, socket);
      const worker = { socket, name, address: privateAddress, labels: labelsOf(address, answer) };
      await joinSwarm(worker, { socket: managerSocket, address: manager.privateAddress });
      return answer;
    }),
  );
}

/**
 * Takes a worker out of the Swarm once nothing runs on it, and forgets how it was reached. One that can't be reached is
 * only struck off.
 *
 * @throws InfraError when something still runs there after an hour
 */
export async function workerDown(
  name: string,
  { address }: Member,
  manager: Member,
  progress: Progress,
): Promise<void> {
  await withEngine(manager.address, async (managerSocket) => {
    const at = { socket: managerSocket, address: manager.privateAddress };
    if (await canReach(address)) await withEngine(address, (socket) => leaveAsWorker({ socket, name }, at, progress));
    else await forgetOld(name, at);
  });
  await dismissServer(address);
}

function labelsOf(address: string, { capabilities }: MemberAnswer): Record<string, string> {
  return { ...capabilityLabels(capabilities), [ENGINE_LABEL]: serverEngine(address) };
}

async function describe(address: string, socket: string): Promise<MemberAnswer> {
  const info = await engineInfo(socket);
  // Ends well where the kernel has it, or can load it.
  const { code } = await runOn(address, "modprobe --quiet ip_vs; test -e /proc/net/ip_vs\n");
  const { ServerVersion: engineVersion, MemoryLimit: memory, CpuCfsQuota: cpu, PidsLimit: pids } = info;
  return { engineVersion, capabilities: { ipvs: code === 0, memory, cpu, pids } };
}
