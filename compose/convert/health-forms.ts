import { healthTestMistake } from "../../lib/swarm/health-test.ts";
import type { ServiceSpec } from "../app-spec.ts";
import type { Doubt } from "./doubt.ts";

/** Tests of health that run otherwise than they read. */
export function healthDoubts(services: readonly ServiceSpec[]): Doubt[] {
  return services.flatMap(({ key, healthcheck }): Doubt[] => {
    const mistake = healthTestMistake(healthcheck?.test);
    if (!mistake) return [];
    const { says, remedy, fails } = mistake;
    const path = ["services", key, "healthcheck", "test"];
    return [{ kind: "health", path, message: `service ${key}: its health check ${says}`, remedy, fails }];
  });
}
