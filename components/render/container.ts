import type { types } from "@pulumi/docker";
import type { FileReference, Labels, Mount, ServiceSpec } from "../../compose/app-spec.ts";
import { present } from "../../lib/present.ts";
import { goDuration } from "./duration.ts";
import { renderLabels } from "./labels.ts";
import type { References } from "./references.ts";

/** The container part of a service. The provider sends a stop grace of 0 s when none is set, so it always is. */
export function renderContainer(
  service: ServiceSpec,
  references: References,
  image: string,
  runLabels: Labels,
): types.input.ServiceTaskSpecContainerSpec {
  return {
    image,
    commands: service.command,
    args: service.args,
    // A variable passed by name, which has no value, can't come here: the provider has no way to say it.
    env: service.env as Record<string, string>,
    dir: service.workingDir,
    user: service.user,
    hostname: service.hostname,
    hosts: service.hosts?.map(renderHost),
    dnsConfig: service.dns && { nameservers: service.dns.nameservers, searches: service.dns.search },
    healthcheck: renderHealthcheck(service),
    labels: renderLabels(service.containerLabels, runLabels),
    mounts: service.mounts.map(renderMount),
    secrets: service.secrets.map((secret) => ({
      secretId: present(references.secrets[secret.name], `the id of secret ${secret.name}`),
      secretName: secret.name,
      ...renderFile(secret),
    })),
    configs: service.configs.map((config) => ({
      configId: present(references.configs[config.name], `the id of config ${config.name}`),
      configName: config.name,
      ...renderFile(config),
    })),
    capAdds: service.capAdd,
    capDrops: service.capDrop,
    sysctl: service.sysctls ?? {},
    init: service.init ?? false,
    readOnly: service.readOnly ?? false,
    isolation: service.isolation ?? "default",
    stopSignal: service.stopSignal,
    stopGracePeriod: goDuration(service.stopGracePeriod),
  };
}

function renderHost(line: string): types.input.ServiceTaskSpecContainerSpecHost {
  const [ip = "", host = ""] = line.split(/\s+/);
  return { ip, host };
}

function renderHealthcheck(service: ServiceSpec): types.input.ServiceTaskSpecContainerSpecHealthcheck | undefined {
  const check = service.healthcheck;
  if (!check) return undefined;
  return {
    tests: check.test,
    interval: goDuration(check.interval ?? 0),
    timeout: goDuration(check.timeout ?? 0),
    startPeriod: goDuration(check.startPeriod ?? 0),
    retries: check.retries ?? 0,
  };
}

function renderFile(file: FileReference): { fileName: string; fileUid: string; fileGid: string; fileMode: number } {
  return { fileName: file.file, fileUid: file.uid, fileGid: file.gid, fileMode: file.mode };
}

function renderMount(mount: Mount): types.input.ServiceTaskSpecContainerSpecMount {
  return {
    type: mount.type,
    source: mount.source,
    target: mount.target,
    readOnly: mount.readOnly ?? false,
    bindOptions: mount.bind?.propagation ? { propagation: mount.bind.propagation } : undefined,
    volumeOptions: mount.volume && {
      // No labels: the volume itself has them by then, and the provider would replace the service for another label.
      noCopy: mount.volume.noCopy,
      driverName: mount.volume.driver?.name,
      driverOptions: mount.volume.driver?.options,
    },
    tmpfsOptions: mount.tmpfs,
  };
}
