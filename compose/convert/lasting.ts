import type { ServiceSpec } from "../app-spec.ts";

/** Whether a service has containers that stay: not one that waits for a timer to start it, and no job. */
export function hasContainers({ mode }: ServiceSpec): boolean {
  return mode.kind === "global" || (mode.kind === "replicated" && mode.replicas > 0);
}

/** Whether a service's tasks are meant to end: those of a job, and those that a timer starts (swarm-cronjob). */
export function endsByItself({ labels, mode }: ServiceSpec): boolean {
  return mode.kind.endsWith("-job") || labels["swarm.cronjob.enable"]?.trim().toLowerCase() === "true";
}
