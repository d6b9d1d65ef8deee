import type { Resources, RestartPolicy, ServiceMode, ServiceSpec, UpdateConfig } from "./app-spec.ts";
import type { CanonicalDeploy, CanonicalService, CanonicalUpdate } from "./canonical.ts";
import { duration } from "./go-duration.ts";

type Deployment = Pick<
  ServiceSpec,
  "mode" | "resources" | "restartPolicy" | "updateConfig" | "rollbackConfig" | "placement"
>;

/** The part of a service that comes from `deploy` (docker/cli, cli/compose/convert/service.go). */
export function convertDeploy(service: CanonicalService): Deployment {
  const deploy = service.deploy ?? {};
  return {
    mode: convertMode(deploy),
    resources: convertResources(deploy),
    restartPolicy: convertRestartPolicy(service),
    updateConfig: convertUpdate(deploy.update_config),
    rollbackConfig: convertUpdate(deploy.rollback_config),
    placement: deploy.placement && {
      constraints: deploy.placement.constraints ?? [],
      preferences: (deploy.placement.preferences ?? []).map(({ spread }) => spread),
      maxReplicas: deploy.placement.max_replicas_per_node,
    },
  };
}

function convertMode({ mode, replicas }: CanonicalDeploy): ServiceMode {
  switch (mode) {
    case "global":
    case "global-job":
      return { kind: mode };
    case "replicated-job":
      return { kind: mode, totalCompletions: replicas ?? 1, maxConcurrent: replicas ?? 1 };
    default:
      return { kind: "replicated", replicas: replicas ?? 1 };
  }
}

function convertResources({ resources }: CanonicalDeploy): Resources | undefined {
  if (!resources) return undefined;
  const { limits, reservations } = resources;
  return {
    limits: limits && { nanoCpus: cpus(limits.cpus), memoryBytes: bytes(limits.memory), pids: limits.pids },
    reservations: reservations && {
      nanoCpus: cpus(reservations.cpus),
      memoryBytes: bytes(reservations.memory),
      genericResources: reservations.generic_resources?.flatMap(({ discrete_resource_spec: spec }) => spec ?? []),
    },
  };
}

function cpus(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Math.round(Number(text) * 1e9);
}

function bytes(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

/** `restart` counts only where `deploy.restart_policy` says nothing; `no` leaves Swarm its default, which is `any`. */
function convertRestartPolicy(service: CanonicalService): RestartPolicy | undefined {
  const policy = service.deploy?.restart_policy;
  if (policy) {
    return {
      condition: restartCondition(policy.condition),
      delay: duration(policy.delay),
      maxAttempts: policy.max_attempts,
      window: duration(policy.window),
    };
  }
  const [word, attempts] = (service.restart ?? "").split(":");
  if (!word || word === "no") return undefined;
  if (word !== "on-failure") return { condition: "any" };
  return { condition: "on-failure", maxAttempts: attempts ? Number(attempts) : undefined };
}

function restartCondition(condition: string | undefined): RestartPolicy["condition"] {
  return condition === "none" || condition === "on-failure" ? condition : "any";
}

function convertUpdate(update: CanonicalUpdate | undefined): UpdateConfig | undefined {
  if (!update) return undefined;
  return {
    parallelism: update.parallelism ?? 1,
    delay: duration(update.delay),
    failureAction: oneOf(update.failure_action, ["pause", "continue", "rollback"]),
    monitor: duration(update.monitor),
    maxFailureRatio: update.max_failure_ratio,
    order: oneOf(update.order, ["stop-first", "start-first"]),
  };
}

function oneOf<const T extends string>(value: string | undefined, words: readonly T[]): T | undefined {
  return words.find((word) => word === value);
}
