import type { ServiceSpec } from "../compose/app-spec.ts";
import { asksItsHealth, endsByItself } from "../compose/convert/lasting.ts";

/**
 * Whether a service should have a health check and has none, or one that passes whatever becomes of it. What ends by
 * itself needs none, nor do tasks that are not started again.
 */
export function lacksHealthcheck(service: ServiceSpec): boolean {
  if (endsByItself(service) || service.restartPolicy?.condition === "none") return false;
  return !asksItsHealth(service);
}
