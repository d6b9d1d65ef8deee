import type * as docker from "@pulumi/docker";
import type { types } from "@pulumi/docker";
import type { Labels, ServiceSpec, UpdateConfig } from "../../compose/app-spec.ts";
import { renderContainer } from "./container.ts";
import { goDuration } from "./duration.ts";
import { renderLabels } from "./labels.ts";
import type { References } from "./references.ts";

/**
 * The arguments of a `docker.Service` for one service: a pure function. Every field that the provider reads
 * back is set, so that a second `up` plans no change.
 *
 * @param image the reference to run, usually pinned by digest
 * @param runLabels labels that go on the service and its containers from their creation on
 */
export function renderService(
  service: ServiceSpec,
  references: References,
  image: string,
  runLabels: Labels,
): docker.ServiceArgs {
  return {
    name: service.name,
    labels: renderLabels(service.labels, runLabels),
    mode: service.mode.kind === "global" ? { global: true } : { replicated: { replicas: replicas(service) } },
    endpointSpec: renderEndpoint(service),
    updateConfig: service.updateConfig && renderUpdate(service.updateConfig),
    rollbackConfig: service.rollbackConfig && renderUpdate(service.rollbackConfig),
    taskSpec: {
      containerSpec: renderContainer(service, references, image, runLabels),
      networksAdvanceds: service.networks.map((network) => ({
        id: references.networks[network.name],
        aliases: [...network.aliases].sort(),
        ...(network.driverOpts && {
          driverOpts: Object.entries(network.driverOpts).map(([key, value]) => `${key}=${value}`),
        }),
      })),
      resources: renderResources(service),
      restartPolicy: renderRestart(service),
      placement: service.placement && {
        constraints: service.placement.constraints,
        prefs: service.placement.preferences,
        maxReplicas: service.placement.maxReplicas,
      },
      logDriver: service.logDriver && { name: service.logDriver.name, options: service.logDriver.options },
      forceUpdate: 0,
      runtime: "container",
    },
  };
}

function replicas(service: ServiceSpec): number {
  return service.mode.kind === "replicated" ? service.mode.replicas : 1;
}

function renderEndpoint(service: ServiceSpec): types.input.ServiceEndpointSpec {
  return {
    mode: service.endpointMode,
    ports: service.ports.map((port) => ({
      targetPort: port.target,
      publishedPort: port.published,
      protocol: port.protocol,
      publishMode: port.mode,
    })),
  };
}

// Swarm's own defaults (any, 5 s) are spelled out: the provider would send a delay of 0 otherwise.
function renderRestart(service: ServiceSpec): types.input.ServiceTaskSpecRestartPolicy {
  const policy = service.restartPolicy;
  return {
    condition: policy?.condition ?? "any",
    delay: goDuration(policy?.delay ?? 5_000_000_000),
    maxAttempts: policy?.maxAttempts ?? 0,
    window: goDuration(policy?.window ?? 0),
  };
}

function renderUpdate(update: UpdateConfig): types.input.ServiceUpdateConfig {
  return {
    parallelism: update.parallelism,
    delay: goDuration(update.delay ?? 0),
    failureAction: update.failureAction ?? "pause",
    monitor: goDuration(update.monitor ?? 5_000_000_000),
    // The provider reads the ratio back with one decimal.
    maxFailureRatio: (update.maxFailureRatio ?? 0).toFixed(1),
    order: update.order ?? "stop-first",
  };
}

function renderResources(service: ServiceSpec): types.input.ServiceTaskSpecResources | undefined {
  const { limits, reservations } = service.resources ?? {};
  if (!limits && !reservations) return undefined;
  return {
    limits: limits && { nanoCpus: limits.nanoCpus, memoryBytes: limits.memoryBytes },
    reservation: reservations && {
      nanoCpus: reservations.nanoCpus,
      memoryBytes: reservations.memoryBytes,
      genericResources: reservations.genericResources && {
        discreteResourcesSpecs: reservations.genericResources.map(({ kind, value }) => `${kind}=${value}`),
      },
    },
  };
}
