import { UserError } from "../../lib/errors.ts";
import type { Healthcheck, Port, ServiceSpec } from "../app-spec.ts";
import type { CanonicalCompose, CanonicalService } from "../files/canonical.ts";
import { convertDeploy } from "./deploy.ts";
import { duration } from "./go-duration.ts";
import { convertMounts } from "./mounts.ts";
import { convertAttachments } from "./networks.ts";
import { convertReferences } from "./references.ts";
import { oneOf, undeclared } from "./refusals.ts";
import { finalName, IMAGE_LABEL, NAMESPACE_LABEL, nonEmpty, sortKeys } from "./scoped-names.ts";

const PROTOCOLS = ["tcp", "udp", "sctp"] as const;
/** What Swarm and docker/cli use when a recipe has no `stop_grace_period`. Nanoseconds. */
const DEFAULT_GRACE = 10e9;

/**
 * One service as `docker stack deploy` would send it (docker/cli, cli/compose/convert/service.go): names scoped by
 * the namespace, defaults filled in, everything that has no order sorted.
 * @throws UserError for what docker/cli or every engine refuses, with its key
 */
export function convertService(key: string, compose: CanonicalCompose, namespace: string): ServiceSpec {
  const service = compose.services?.[key] ?? {};
  const image = service.image ?? "";
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
    healthcheck: convertHealthcheck(key, service),
    mounts: convertMounts(key, compose, namespace),
    secrets: convertReferences("secrets", key, compose, namespace),
    configs: convertReferences("configs", key, compose, namespace),
    networks: convertAttachments(key, compose, namespace),
    ports: convertPorts(service),
    endpointMode: convertEndpointMode(key, service),
    ...convertDeploy(key, service),
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
    credentialSpec: convertCredentials(key, compose, namespace),
  };
}

function convertEndpointMode(key: string, { deploy }: CanonicalService): ServiceSpec["endpointMode"] {
  return oneOf(deploy?.endpoint_mode?.toLowerCase(), ["vip", "dnsrr"], `services.${key}.deploy.endpoint_mode`) ?? "vip";
}

function convertCredentials(key: string, compose: CanonicalCompose, namespace: string): ServiceSpec["credentialSpec"] {
  const spec = compose.services?.[key]?.credential_spec;
  const place = { key: `services.${key}.credential_spec` };
  if (Object.keys(spec ?? {}).length > 1) {
    throw new UserError("is given twice", { place, remedy: "keep one of config, file and registry" });
  }
  if (!spec?.config) return spec;
  if (!Object.hasOwn(compose.configs ?? {}, spec.config)) throw undeclared("config", spec.config, place.key);
  return { config: finalName(compose.configs?.[spec.config], spec.config, namespace) };
}

function convertHealthcheck(key: string, { healthcheck: check }: CanonicalService): Healthcheck | undefined {
  if (!check) return undefined;
  if (check.disable) {
    if (!check.test?.length) return { test: ["NONE"] };
    const place = { key: `services.${key}.healthcheck` };
    throw new UserError("has a test and is disabled", { place, remedy: "take out test or disable" });
  }
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
        protocol: PROTOCOLS.find((word) => word === protocol?.toLowerCase()) ?? "tcp",
        mode: mode?.toLowerCase() === "host" ? "host" : "ingress",
      }),
    )
    .sort(
      (a, b) => (a.published ?? 0) - (b.published ?? 0) || a.target - b.target || (a.protocol < b.protocol ? -1 : 1),
    );
}

function convertDns(service: CanonicalService): ServiceSpec["dns"] {
  if (!service.dns && !service.dns_search) return undefined;
  return { nameservers: service.dns ?? [], search: service.dns_search ?? [] };
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
