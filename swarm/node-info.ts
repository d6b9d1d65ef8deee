import { access, readFile } from "node:fs/promises";
import { CAPABILITY_LABEL } from "../lib/swarm/node-labels.ts";
import { asInfra, type Engine, type Swarm } from "./client.ts";
import type { Place } from "./place.ts";

/** What the engine says of itself and of the node it runs on. */
export interface EngineInfo {
  engineVersion: string;
  apiVersion: string;
  /** `active` on a node of a Swarm. */
  swarmState: string;
  isManager: boolean;
  nodeId: string;
  /** What the node can do, e.g. `{ ipvs: false }`. */
  capabilities: Record<string, boolean>;
}

/**
 * Version, Swarm state and capabilities, of the manager or of another node. Capabilities come from the node's labels;
 * `ipvs` without a label is looked up in this machine's kernel, which is the engine's where its socket is a file here,
 * and taken for granted elsewhere.
 *
 * @param place a node of the Swarm. Default: the manager itself
 * @throws InfraError when the engine does not answer.
 */
export async function nodeInfo(swarm: Swarm, place?: Place): Promise<EngineInfo> {
  const engine = place?.engine ?? swarm;
  const [info, version] = await asInfra(engine, Promise.all([engine.docker.info(), engine.docker.version()]));
  const isManager: boolean = info.Swarm?.ControlAvailable ?? false;
  const nodeId: string = info.Swarm?.NodeID ?? "";
  const labels = place?.labels ?? (isManager ? await nodeLabels(swarm, nodeId) : {});
  return {
    engineVersion: version.Version,
    apiVersion: version.ApiVersion,
    swarmState: info.Swarm?.LocalNodeState ?? "inactive",
    isManager,
    nodeId,
    capabilities: { ipvs: !isHere(engine) || (await kernelHasIpvs()), ...capabilities(labels) },
  };
}

function isHere({ host }: Engine): boolean {
  return host.startsWith("unix://");
}

async function nodeLabels(swarm: Swarm, nodeId: string): Promise<Record<string, string>> {
  const node: { Spec?: { Labels?: Record<string, string> } } = await swarm.docker.getNode(nodeId).inspect();
  return node.Spec?.Labels ?? {};
}

/** Capabilities named by node labels; any value but `false` says yes. */
export function capabilities(labels: Record<string, string>): Record<string, boolean> {
  return Object.fromEntries(
    Object.entries(labels)
      .filter(([key]) => key.startsWith(CAPABILITY_LABEL))
      .map(([key, value]) => [key.slice(CAPABILITY_LABEL.length), value !== "false"]),
  );
}

/** True when IPVS is in the kernel or can be loaded into it: Swarm's virtual IPs and ingress mesh stand on it. */
async function kernelHasIpvs(): Promise<boolean> {
  try {
    await access("/proc/net/ip_vs");
    return true;
  } catch {
    const release = (await readFile("/proc/sys/kernel/osrelease", "utf8")).trim();
    const lists = ["modules.dep", "modules.builtin"].map((list) => moduleList(`/lib/modules/${release}/${list}`));
    return (await Promise.all(lists)).some((text) => text.includes("/ip_vs.ko"));
  }
}

async function moduleList(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return "";
  }
}
