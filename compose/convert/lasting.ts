import { alwaysPasses } from "../../lib/swarm/health-test.ts";
import type { ServiceSpec } from "../app-spec.ts";

/** Whether a service has containers that stay: not one that waits for a timer to start it, and no job. */
export function hasContainers({ mode }: ServiceSpec): boolean {
  return mode.kind === "global" || (mode.kind === "replicated" && mode.replicas > 0);
}

/** Whether a service's tasks are meant to end: those of a job, and those that a timer starts (swarm-cronjob). */
export function endsByItself({ labels, mode }: ServiceSpec): boolean {
  return mode.kind.endsWith("-job") || labels["swarm.cronjob.enable"]?.trim().toLowerCase() === "true";
}

/** Whether a service says of itself whether it is well. What its image says on its own is not known here. */
export function hasHealthCheck({ healthcheck }: ServiceSpec): boolean {
  return (healthcheck?.test ?? ["NONE"])[0] !== "NONE";
}

/** Whether a service has a health check that can say that it is not well. */
export function asksItsHealth(service: ServiceSpec): boolean {
  return hasHealthCheck(service) && !alwaysPasses(service.healthcheck?.test);
}

/**
 * Whether a service may come to an end with exit code 0, and be done: its restart policy has nothing started again then.
 * Whom others ask has to stay all the same, and so has `app`, which operators' tools take for the app itself.
 */
export function mayEndWell(service: ServiceSpec): boolean {
  const { key, mode, restartPolicy, ports, labels } = service;
  if (mode.kind.endsWith("-job") || key === "app" || (restartPolicy?.condition ?? "any") === "any") return false;
  const isAsked = ports.length > 0 || Object.keys(labels).some((label) => /^traefik\./i.test(label));
  return !isAsked && !hasHealthCheck(service);
}

/** Whether every healthy moment of the app finds a service's containers running. */
export function alwaysRuns(service: ServiceSpec): boolean {
  return hasContainers(service) && !endsByItself(service) && !mayEndWell(service);
}
