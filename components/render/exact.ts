import type * as pulumi from "@pulumi/pulumi";
import type { FileReference, Healthcheck, Labels, Mount, ServiceSpec, UpdateConfig } from "../../compose/app-spec.ts";
import type { References } from "./references.ts";

type Json = pulumi.Input<unknown>;

/**
 * The ServiceSpec that `docker stack deploy` would send for a service (docker/cli cli/compose/convert/service.go),
 * in the Engine API's own form, with the run's labels added. A pure function.
 */
export function renderExact(
  service: ServiceSpec,
  references: References,
  image: string,
  runLabels: Labels,
): Record<string, Json> {
  return {
    Name: service.name,
    Labels: { ...service.labels, ...runLabels },
    TaskTemplate: {
      ContainerSpec: renderContainer(service, references, image, runLabels),
      LogDriver: service.logDriver && { Name: service.logDriver.name, Options: service.logDriver.options },
      Resources: renderResources(service),
      RestartPolicy: service.restartPolicy && {
        Condition: service.restartPolicy.condition,
        Delay: service.restartPolicy.delay,
        MaxAttempts: service.restartPolicy.maxAttempts,
        Window: service.restartPolicy.window,
      },
      Placement: {
        Constraints: service.placement?.constraints,
        Preferences: service.placement?.preferences.map((descriptor) => ({ Spread: { SpreadDescriptor: descriptor } })),
        MaxReplicas: service.placement?.maxReplicas,
      },
      Networks: service.networks.map((network) => ({
        Target: references.networks[network.name],
        Aliases: network.aliases,
        DriverOpts: network.driverOpts,
      })),
    },
    Mode: renderMode(service),
    UpdateConfig: service.updateConfig && renderUpdate(service.updateConfig),
    RollbackConfig: service.rollbackConfig && renderUpdate(service.rollbackConfig),
    EndpointSpec: {
      Mode: service.endpointMode,
      Ports: service.ports.map((port) => ({
        Protocol: port.protocol,
        TargetPort: port.target,
        PublishedPort: port.published,
        PublishMode: port.mode,
      })),
    },
  };
}

function renderContainer(service: ServiceSpec, references: References, image: string, runLabels: Labels) {
  return {
    Image: image,
    Labels: { ...service.containerLabels, ...runLabels },
    Command: service.command,
    Args: service.args,
    Hostname: service.hostname,
    Env: Object.entries(service.env)
      .map(([key, value]) => (value === null ? key : `${key}=${value}`))
      .sort(),
    Dir: service.workingDir,
    User: service.user,
    Privileges: { CredentialSpec: renderCredentials(service, references), SELinuxContext: null },
    Init: service.init,
    StopSignal: service.stopSignal,
    TTY: service.tty,
    OpenStdin: service.openStdin,
    ReadOnly: service.readOnly,
    Mounts: service.mounts.map(renderMount),
    StopGracePeriod: service.stopGracePeriod,
    Healthcheck: service.healthcheck && renderHealthcheck(service.healthcheck),
    Hosts: service.hosts,
    DNSConfig: service.dns && { Nameservers: service.dns.nameservers, Search: service.dns.search },
    Secrets: service.secrets.map((secret) => ({
      SecretID: references.secrets[secret.name],
      SecretName: secret.name,
      File: renderFile(secret),
    })),
    Configs: [
      ...service.configs.map((config) => renderConfig(config, references)),
      ...runtimeConfigs(service, references),
    ],
    Isolation: service.isolation,
    Sysctls: service.sysctls,
    CapabilityAdd: service.capAdd,
    CapabilityDrop: service.capDrop,
    Ulimits: service.ulimits?.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })),
    OomScoreAdj: service.oomScoreAdj,
  };
}

function renderCredentials({ credentialSpec: spec }: ServiceSpec, references: References) {
  if (!spec) return null;
  return { Config: spec.config && references.configs[spec.config], File: spec.file, Registry: spec.registry };
}

function renderConfig(config: FileReference, references: References) {
  return { ConfigID: references.configs[config.name], ConfigName: config.name, File: renderFile(config) };
}

// A config that is a credential spec is no file in the container, but the engine wants it among the configs.
function runtimeConfigs({ credentialSpec: spec }: ServiceSpec, references: References) {
  return spec?.config ? [{ ConfigID: references.configs[spec.config], ConfigName: spec.config, Runtime: {} }] : [];
}

function renderHealthcheck(check: Healthcheck) {
  return {
    Test: check.test,
    Interval: check.interval,
    Timeout: check.timeout,
    StartPeriod: check.startPeriod,
    StartInterval: check.startInterval,
    Retries: check.retries,
  };
}

function renderFile(file: FileReference) {
  return { Name: file.file, UID: file.uid, GID: file.gid, Mode: file.mode };
}

function renderMount(mount: Mount) {
  return {
    Type: mount.type,
    Source: mount.source,
    Target: mount.target,
    ReadOnly: mount.readOnly,
    BindOptions: mount.bind && { Propagation: mount.bind.propagation },
    VolumeOptions: mount.volume && {
      NoCopy: mount.volume.noCopy,
      Labels: mount.volume.labels,
      Subpath: mount.volume.subpath,
      DriverConfig: mount.volume.driver && {
        Name: mount.volume.driver.name,
        Options: mount.volume.driver.options,
      },
    },
    TmpfsOptions: mount.tmpfs && { SizeBytes: mount.tmpfs.sizeBytes },
    ClusterOptions: mount.type === "cluster" ? {} : undefined,
  };
}

function renderResources({ resources }: ServiceSpec) {
  const { limits, reservations } = resources ?? {};
  return {
    Limits: limits && { NanoCPUs: limits.nanoCpus, MemoryBytes: limits.memoryBytes, Pids: limits.pids },
    Reservations: reservations && {
      NanoCPUs: reservations.nanoCpus,
      MemoryBytes: reservations.memoryBytes,
      GenericResources: reservations.genericResources?.map(({ kind, value }) => ({
        DiscreteResourceSpec: { Kind: kind, Value: value },
      })),
    },
  };
}

function renderMode({ mode }: ServiceSpec): Record<string, unknown> {
  switch (mode.kind) {
    case "replicated":
      return { Replicated: { Replicas: mode.replicas } };
    case "global":
      return { Global: {} };
    case "replicated-job":
      return { ReplicatedJob: { TotalCompletions: mode.totalCompletions, MaxConcurrent: mode.maxConcurrent } };
    case "global-job":
      return { GlobalJob: {} };
  }
}

function renderUpdate(update: UpdateConfig) {
  return {
    Parallelism: update.parallelism,
    Delay: update.delay,
    FailureAction: update.failureAction,
    Monitor: update.monitor,
    MaxFailureRatio: update.maxFailureRatio,
    Order: update.order,
  };
}
