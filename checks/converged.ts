import type { ServiceSpec } from "../compose/app-spec.ts";
import { type Duration, humanize } from "../lib/duration.ts";
import { watchConvergence } from "../swarm/converge.ts";
import { ConvergeError } from "../swarm/converge-error.ts";
import { type CheckContext, CheckFailure, type CheckFunction } from "./check.ts";

export interface ConvergedArgs {
  deadline: Duration;
  /** How long nothing may change once every service runs. */
  stableFor: Duration;
  /** Failed tasks tolerated per service, for apps that restart until their database is up. */
  restarts: number;
}

/** Every service runs all its tasks, healthy and on its newest spec, and stays so; no task failed on the way. */
export function converged(args: ConvergedArgs): CheckFunction {
  return async (context) => {
    try {
      const seen = await watchConvergence({
        swarm: context.swarm,
        services: context.app.services.map((service) => ({ name: service.name, mode: modeOf(service) })),
        deadline: args.deadline,
        stableFor: args.stableFor,
        restartBudget: args.restarts,
        signal: context.signal,
      });
      const count = context.app.services.length;
      return {
        summary: `${count} ${count === 1 ? "service" : "services"} up in ${humanize(seen.containerMs)}, stable for ${args.stableFor}`,
        details: { services: seen.services },
        containerMs: seen.containerMs,
      };
    } catch (error) {
      throw asFailure(error, context);
    }
  };
}

function asFailure(error: unknown, context: CheckContext): unknown {
  if (context.signal.aborted || !(error instanceof ConvergeError)) return error;
  return new CheckFailure(error.message, { details: { causes: error.causes } });
}

function modeOf(service: ServiceSpec): { kind: ServiceSpec["mode"]["kind"]; replicas?: number } {
  return service.mode.kind === "replicated"
    ? { kind: "replicated", replicas: service.mode.replicas }
    : { kind: service.mode.kind };
}
