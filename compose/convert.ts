import type { Healthcheck, Port, ServiceSpec } from "./app-spec.ts";
import type { CanonicalCompose, CanonicalService } from "./canonical.ts";
import { convertDeploy } from "./convert-deploy.ts";
import { convertMounts } from "./convert-mounts.ts";
import { finalName, IMAGE_LABEL, NAMESPACE_LABEL, nonEmpty, sortKeys } from "./convert-names.ts";
import { convertAttachments } from "./convert-networks.ts";
import { convertReferences } from "./convert-references.ts";
import { duration } from "./go-duration.ts";

/** What Swarm and docker/cli use when a recipe has no `stop_grace_period`. Nanoseconds. */
const DEFAULT_GRACE = 10e9;

/**
 * One service as `docker stack deploy` would send it (docker/cli, cli/compose/convert/service.go): names scoped by
 * the namespace, defaults filled in, everything that has no order sorted.
 */
export function convertService(key: string, compose: CanonicalCompose, namespace: string): ServiceSpec {
  const service = compose.services?.[key] ?? {};
  const image = service.image ?? "";
  const credential = service.credential_spec;
  return {
    key,
    name: `${namespace}_${key}`,
    image,
    labels: sortKeys({ ...service.deploy?.labels, [NAMESPACE_LABEL]: namespace, [IMAGE_LABEL]: image }),
    containerLabels: sortKeys({ ...service.labels, [NAMESPACE_LABEL]: namespace }),
    command: nonEmpty(service.entrypoint),
    args: nonEmpty(service.command),
    env: sortKeys(service.environment ?? {}),
    workingDir: service.working_dir,
    user: service.user,
    hostname: service.hostname,
    hosts: nonEmpty(service.extra_hosts?.map(hostsLine)),
    dns: convertDns(service),
    healthcheck: convertHealthcheck(service),
    mounts: convertMounts(key, compose, namespace),
    secrets: convertReferences("secrets", key, compose, namespace),
    configs: convertReferences("configs", key, compose, namespace),
    networks: convertAttachments(key, compose, namespace),
    ports: convertPorts(service),
    endpointMode: service.deploy?.endpoint_mode === "dnsrr" ? "dnsrr" : "vip",
    ...convertDeploy(service),
    logDriver: service.logging && { name: service.logging.driver ?? "", options: service.logging.options ?? {} },
    stopGracePeriod: duration(service.stop_grace_period) ?? DEFAULT_GRACE,
    stopSignal: service.stop_signal,
    init: service.init,
    readOnly: service.read_only,
    tty: service.tty,
    openStdin: service.stdin_open,
    ...capabilities(service.cap_add, service.cap_drop),
    sysctls: service.sysctls,
    ulimits: convertUlimits(service),
    isolation: service.isolation,
    oomScoreAdj: service.oom_score_adj,
    credentialSpec: credential?.config
      ? { config: finalName(compose.configs?.[credential.config], credential.config, namespace) }
      : credential,
  };
}

function convertHealthcheck(service: CanonicalService): Healthcheck | undefined {
  const check = service.healthcheck;
  if (!check) return undefined;
  if (check.disable) return { test: ["NONE"] };
  return {
    test: nonEmpty(check.test),
    interval: duration(check.interval),
    timeout: duration(check.timeout),
    startPeriod: duration(check.start_period),
    startInterval: duration(check.start_interval),
    retries: check.retries,
  };
}

function convertPorts(service: CanonicalService): Port[] {
  return (service.ports ?? [])
    .map(
      ({ target, published, protocol, mode }): Port => ({
        target,
        published: published || undefined,
        protocol: protocol === "udp" || protocol === "sctp" ? protocol : "tcp",
        mode: mode === "host" ? "host" : "ingress",
      }),
    )
    .sort(
      (a, b) => (a.published ?? 0) - (b.published ?? 0) || a.target - b.target || (a.protocol < b.protocol ? -1 : 1),
    );
}

function convertDns(service: CanonicalService): ServiceSpec["dns"] {
  if (!service.dns && !service.dns_search) return undefined;
  return { nameservers: service.dns ?? [], search: service.dns_search ?? [], options: [] };
}

/** `name:IP` → `IP name`, as in /etc/hosts. */
function hostsLine(host: string): string {
  const [, name = "", address = ""] = /^([^:=]*)[:=](.*)$/.exec(host) ?? [];
  return `${address.replace(/^\[(.*)\]$/, "$1")} ${name}`;
}

/** As docker/cli's `EffectiveCapabilities`: upper case with `CAP_`, sorted, and what is added is not dropped. */
function capabilities(add: readonly string[] = [], drop: readonly string[] = []): Partial<ServiceSpec> {
  const added = normalize(add);
  const dropped = normalize(drop).filter((name) => !added.includes(name));
  return { capAdd: nonEmpty(added), capDrop: nonEmpty(dropped) };
}

function normalize(names: readonly string[]): string[] {
  const full = names
    .map((name) => name.trim().toUpperCase())
    .map((name) => (name === "ALL" ? name : `CAP_${name.replace(/^CAP_/, "")}`));
  return full.includes("ALL") ? ["ALL"] : [...new Set(full)].sort();
}

function convertUlimits(service: CanonicalService): ServiceSpec["ulimits"] {
  const limits = Object.entries(service.ulimits ?? {}).map(([name, limit]) => {
    if (typeof limit === "number") return { name, soft: limit, hard: limit };
    return { name, soft: limit.soft ?? limit.single ?? 0, hard: limit.hard ?? limit.single ?? 0 };
  });
  return nonEmpty(limits.sort((a, b) => (a.name < b.name ? -1 : 1)));
}
