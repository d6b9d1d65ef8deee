import { UserError } from "../../lib/errors.ts";
import type { Resources, RestartPolicy, ServiceMode, ServiceSpec, UpdateConfig } from "../app-spec.ts";
import type { CanonicalDeploy, CanonicalService, CanonicalUpdate } from "../files/canonical.ts";
import { duration } from "./go-duration.ts";
import { oneOf } from "./refusals.ts";

type Deployment = Pick<
  ServiceSpec,
  "mode" | "resources" | "restartPolicy" | "updateConfig" | "rollbackConfig" | "placement"
>;

/**
 * The part of a service that comes from `deploy` (docker/cli, cli/compose/convert/service.go).
 * @throws UserError for what docker/cli or the engine refuses, instead of another value in its place
 */
export function convertDeploy(key: string, service: CanonicalService): Deployment {
  const deploy = service.deploy ?? {};
  const place = `services.${key}.deploy`;
  return {
    mode: convertMode(deploy, place),
    resources: convertResources(deploy, `${place}.resources`),
    restartPolicy: convertRestartPolicy(service, `services.${key}`),
    updateConfig: convertUpdate(deploy.update_config, `${place}.update_config`),
    rollbackConfig: convertUpdate(deploy.rollback_config, `${place}.rollback_config`),
    placement: deploy.placement && {
      constraints: deploy.placement.constraints ?? [],
      preferences: (deploy.placement.preferences ?? []).map(({ spread }) => spread),
      maxReplicas: deploy.placement.max_replicas_per_node,
    },
  };
}

function convertMode({ mode: written, replicas }: CanonicalDeploy, place: string): ServiceMode {
  const mode = oneOf(written, ["replicated", "global", "replicated-job", "global-job"], `${place}.mode`);
  switch (mode) {
    case "global":
    case "global-job":
      if (replicas === undefined) return { kind: mode };
      throw new UserError(`mode "${mode}" has no replicas`, {
        place: { key: `${place}.replicas` },
        remedy: "take them out, or write mode: replicated",
      });
    case "replicated-job":
      return { kind: mode, totalCompletions: replicas ?? 1, maxConcurrent: replicas ?? 1 };
    default:
      return { kind: "replicated", replicas: replicas ?? 1 };
  }
}

function convertResources({ resources }: CanonicalDeploy, place: string): Resources | undefined {
  if (!resources) return undefined;
  const { limits, reservations } = resources;
  return {
    limits: limits && {
      nanoCpus: cpus(limits.cpus, `${place}.limits.cpus`),
      memoryBytes: bytes(limits.memory),
      pids: limits.pids,
    },
    reservations: reservations && {
      nanoCpus: cpus(reservations.cpus, `${place}.reservations.cpus`),
      memoryBytes: bytes(reservations.memory),
      genericResources: reservations.generic_resources?.flatMap(({ discrete_resource_spec: spec }) => spec ?? []),
    },
  };
}

function cpus(text: string | undefined, key: string): number | undefined {
  if (text === undefined) return undefined;
  const whole = Math.round(Number(text) * 1e9);
  // A difference this small is only how the computer counts.
  if (/^\d*(\.\d*)?$/.test(text) && Math.abs(Number(text) * 1e9 - whole) < 1e-3) return whole;
  throw new UserError(`"${text}" is no number of processors`, { place: { key }, remedy: 'write e.g. "0.5"' });
}

function bytes(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

/** `restart` counts only where `deploy.restart_policy` says nothing; `no` leaves Swarm its default, which is `any`. */
function convertRestartPolicy(service: CanonicalService, place: string): RestartPolicy | undefined {
  const policy = service.deploy?.restart_policy;
  if (policy) {
    const key = `${place}.deploy.restart_policy.condition`;
    return {
      condition: oneOf(policy.condition, ["none", "on-failure", "any"], key) ?? "any",
      delay: duration(policy.delay),
      maxAttempts: policy.max_attempts,
      window: duration(policy.window),
    };
  }
  // A number of attempts after "always" is dropped by docker/cli too.
  const [, written, attempts] = /^(.*?)(?::(\d*))?$/s.exec(service.restart ?? "") ?? [];
  const word = oneOf(written, ["no", "always", "on-failure", "unless-stopped"], `${place}.restart`);
  if (!word || word === "no") return undefined;
  if (word !== "on-failure") return { condition: "any" };
  return { condition: "on-failure", maxAttempts: attempts ? Number(attempts) : undefined };
}

function convertUpdate(update: CanonicalUpdate | undefined, place: string): UpdateConfig | undefined {
  if (!update) return undefined;
  return {
    parallelism: update.parallelism ?? 1,
    delay: duration(update.delay),
    failureAction: oneOf(update.failure_action, ["pause", "continue", "rollback"], `${place}.failure_action`),
    monitor: duration(update.monitor),
    maxFailureRatio: update.max_failure_ratio,
    order: oneOf(update.order, ["stop-first", "start-first"], `${place}.order`),
  };
}
