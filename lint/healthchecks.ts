import type { ServiceSpec } from "../compose/app-spec.ts";

/**
 * Whether a service should have a health check and has none. What ends by itself needs none: jobs, tasks that are not
 * started again, and services of no tasks that swarm-cronjob starts (its label `swarm.cronjob.enable`).
 */
export function lacksHealthcheck({ healthcheck, mode, restartPolicy, labels }: ServiceSpec): boolean {
  const isJob = mode.kind === "replicated-job" || mode.kind === "global-job";
  if (isJob || restartPolicy?.condition === "none" || labels["swarm.cronjob.enable"] === "true") return false;
  return !healthcheck?.test || healthcheck.test[0] === "NONE";
}
