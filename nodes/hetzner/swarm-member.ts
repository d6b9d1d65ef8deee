import { ENGINE_LABEL } from "../../lib/node-labels.ts";
import { type Capabilities, capabilityLabels } from "../../machine/capabilities.ts";
import { engineInfo } from "../../machine/engine-api.ts";
import { ensureSwarm } from "../../machine/swarm.ts";
import { OVERLAY_POOL } from "./address-plan.ts";
import { runOn, withEngine } from "./remote.ts";

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

/** Docker host of a server's engine. */
export function engineAt(address: string): string {
  return `ssh://root@${address}`;
}

export function labelsOf(address: string, { capabilities }: MemberAnswer): Record<string, string> {
  return { ...capabilityLabels(capabilities), [ENGINE_LABEL]: engineAt(address) };
}

export async function describe(address: string, socket: string): Promise<MemberAnswer> {
  const info = await engineInfo(socket);
  // Ends well where the kernel has it, or can load it.
  const { code } = await runOn(address, "modprobe --quiet ip_vs; test -e /proc/net/ip_vs\n");
  const { ServerVersion: engineVersion, MemoryLimit: memory, CpuCfsQuota: cpu, PidsLimit: pids } = info;
  return { engineVersion, capabilities: { ipvs: code === 0, memory, cpu, pids } };
}
