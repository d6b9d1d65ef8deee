import type { ServiceSpec } from "../../compose/app-spec.ts";

/**
 * Keys of a service that `docker.Service` can't say (kreuzwerker's provider at v4.6), in the compose file's words.
 * Empty where it can say everything.
 */
export function beyondProvider(service: ServiceSpec): string[] {
  const found: [string, boolean][] = [
    ["environment (passed by name)", Object.values(service.env).includes(null)],
    ["healthcheck.start_interval", service.healthcheck?.startInterval !== undefined],
    ["ulimits", (service.ulimits?.length ?? 0) > 0],
    ["tty", service.tty === true],
    ["stdin_open", service.openStdin === true],
    // The provider keeps them as a set; of two lines for one name the first one counts.
    ["extra_hosts (a name twice)", hasTwice((service.hosts ?? []).map((line) => line.split(/\s+/)[1]))],
    ["oom_score_adj", service.oomScoreAdj !== undefined],
    ["deploy.resources.limits.pids", service.resources?.limits?.pids !== undefined],
    ["credential_spec", service.credentialSpec !== undefined],
    ["deploy.mode (job)", service.mode.kind.endsWith("-job")],
    ["volumes.volume.subpath", service.mounts.some((mount) => mount.volume?.subpath !== undefined)],
    ["volumes.type (cluster)", service.mounts.some((mount) => mount.type === "cluster")],
    // The provider keeps them as a set; Swarm spreads in the order given.
    ["deploy.placement.preferences", (service.placement?.preferences.length ?? 0) > 1],
    ["deploy.update_config.max_failure_ratio", !isTenth(service.updateConfig?.maxFailureRatio)],
    ["deploy.rollback_config.max_failure_ratio", !isTenth(service.rollbackConfig?.maxFailureRatio)],
  ];
  return found.filter(([, present]) => present).map(([key]) => key);
}

/**
 * What of a service's change from base to head the provider can't do in place: it would remove the service and make
 * it anew, where Swarm, and so abra, updates it. In the compose file's words.
 */
export function replacedByProvider(base: ServiceSpec, head: ServiceSpec): string[] {
  const parts: [string, (service: ServiceSpec) => unknown][] = [
    ["networks", (service) => service.networks],
    ["labels", (service) => service.containerLabels],
    ["extra_hosts", (service) => service.hosts],
    ["sysctls", (service) => service.sysctls],
  ];
  return parts.filter(([, part]) => JSON.stringify(part(base)) !== JSON.stringify(part(head))).map(([key]) => key);
}

/**
 * What of a service's change from base to head the provider would leave as base has it, since head no longer says
 * it and the provider counts such a value as the Swarm's own (`Computed`). In the compose file's words.
 */
export function keptByProvider(base: ServiceSpec, head: ServiceSpec): string[] {
  const parts: [string, (service: ServiceSpec) => unknown][] = [
    ["healthcheck", (service) => service.healthcheck],
    ["dns", (service) => service.dns],
    ["deploy.resources", ({ resources }) => resources?.limits ?? resources?.reservations],
    ["deploy.placement", (service) => service.placement],
  ];
  const dropped = parts.filter(([, part]) => part(base) !== undefined && part(head) === undefined).map(([key]) => key);
  const changed = (key: "ports" | "mounts") => JSON.stringify(base[key]) !== JSON.stringify(head[key]);
  const unnumbered = head.ports.some(({ published }) => published === undefined);
  // Such a mount leaves something behind when it goes: a bind mount of nothing to nowhere.
  const options = base.mounts.some(({ volume }) => volume?.driver);
  return [
    ...dropped,
    ...(changed("ports") && unnumbered ? ["ports.published"] : []),
    ...(changed("mounts") && options ? ["volumes.driver_opts"] : []),
  ];
}

/**
 * Whether head changes a service and not its tasks, which Swarm leaves running then: the provider would end them, as it
 * sends the variables in another order each time.
 */
export function restartedByProvider(base: ServiceSpec, head: ServiceSpec): boolean {
  return JSON.stringify(base) !== JSON.stringify(head) && JSON.stringify(taskOf(base)) === JSON.stringify(taskOf(head));
}

function taskOf(service: ServiceSpec): Partial<ServiceSpec> {
  const { labels, mode, updateConfig, rollbackConfig, ...task } = service;
  return task;
}

function hasTwice(names: (string | undefined)[]): boolean {
  return new Set(names).size < names.length;
}

// The provider reads the ratio back with one decimal.
function isTenth(ratio = 0): boolean {
  return Number(ratio.toFixed(1)) === ratio;
}
