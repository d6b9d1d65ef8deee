import { readFile } from "node:fs/promises";
import { run } from "../lib/exec.ts";
import { exists } from "../lib/exists.ts";
import { CAPABILITY_LABEL } from "../lib/swarm/node-labels.ts";
import type { EngineInfo } from "./engine-api.ts";
import { SYSTEM_PATH } from "./host.ts";

/**
 * What the kernel under an engine can do, beyond what every engine can. Without `ipvs` the ingress mesh of Swarm
 * does not route, nor do virtual IPs unless somebody else leads them; without one of the others limits of that kind are not enforced.
 */
export interface Capabilities {
  ipvs: boolean;
  /** Whether virtual IPs route without IPVS, as on local nodes. Default: they don't. */
  virtualIps?: boolean;
  memory: boolean;
  cpu: boolean;
  pids: boolean;
}

/** Capabilities of an engine that runs on this host's kernel. */
export async function detectCapabilities(info: EngineInfo): Promise<Capabilities> {
  return { ipvs: await hasIpvs(), memory: info.MemoryLimit, cpu: info.CpuCfsQuota, pids: info.PidsLimit };
}

/** Capabilities as labels of a Swarm node. */
export function capabilityLabels(capabilities: Capabilities): Record<string, string> {
  return Object.fromEntries(
    Object.entries(capabilities).map(([name, value]) => [`${CAPABILITY_LABEL}${name}`, String(value)]),
  );
}

/** Whether the kernel has IP virtual server, loading its module where it lies ready. */
export async function hasIpvs(): Promise<boolean> {
  if (await exists("/proc/net/ip_vs")) return true;
  const env = { ...process.env, PATH: SYSTEM_PATH };
  await run(["modprobe", "--quiet", "ip_vs"], { env }).catch(() => undefined);
  return exists("/proc/net/ip_vs");
}

/** @returns the kernel's file systems that a machine can't do without and that are missing. */
export async function missingFileSystems(): Promise<string[]> {
  const env = { ...process.env, PATH: SYSTEM_PATH };
  await run(["modprobe", "--quiet", "overlay"], { env }).catch(() => undefined);
  const known = await readFile("/proc/filesystems", "utf8");
  return ["overlay"].filter((name) => !known.includes(`\t${name}\n`));
}
