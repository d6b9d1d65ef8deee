import type { ServiceSpec } from "../compose/app-spec.ts";
import { endsByItself, hasHealthCheck } from "../compose/convert/lasting.ts";

/**
 * Whether a service should have a health check and has none. What ends by itself needs none, nor do tasks that are not
 * started again.
 */
export function lacksHealthcheck(service: ServiceSpec): boolean {
  if (endsByItself(service) || service.restartPolicy?.condition === "none") return false;
  return !hasHealthCheck(service);
}
