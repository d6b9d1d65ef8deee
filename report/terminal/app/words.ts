import type { Healthcheck, Mount, Port, ServiceMode, ServiceSpec, UpdateConfig } from "../../../compose/app-spec.ts";
import { spokenArguments, spokenBytes, spokenCpus, spokenDuration } from "../../../diff/speak.ts";
import { plural } from "../../../lib/plural.ts";

/** `2 replicas`, `one on every node`. */
export function modeWords(mode: ServiceMode): string {
  switch (mode.kind) {
    case "replicated":
      return plural(mode.replicas, "replica");
    case "global":
      return "one on every node";
    case "global-job":
      return "a job, once on every node";
    case "replicated-job":
      return `a job, ${plural(mode.totalCompletions, "completion")}, ${mode.maxConcurrent} at a time`;
  }
}

/** `curl -f http://127.0.0.1/, every 10 s, …`; what the recipe leaves open is the image's or Docker's. */
export function healthWords(check: Healthcheck | undefined): string[] {
  if (!check) return ["the image's own, if it has one"];
  const [kind, ...argv] = check.test ?? [];
  if (kind === "NONE") return ["none: a task counts as healthy as soon as it runs"];
  const command = kind === "CMD-SHELL" ? (argv[0] ?? "") : spokenArguments(kind === "CMD" ? argv : (check.test ?? []));
  const times = [
    check.interval !== undefined && `every ${spokenDuration(check.interval)}`,
    check.timeout !== undefined && `given ${spokenDuration(check.timeout)}`,
    check.retries !== undefined && `unhealthy after ${plural(check.retries, "failure")} in a row`,
    check.startPeriod !== undefined && `failures of the first ${spokenDuration(check.startPeriod)} don't count`,
    check.startInterval !== undefined && `every ${spokenDuration(check.startInterval)} until then`,
  ];
  return [command || "the image's own command", times.filter(Boolean).join(", ")];
}

/** `on failure, after 2 s, at most 3 times`. */
export function restartWords(policy: ServiceSpec["restartPolicy"]): string {
  if (!policy) return "always, after 5 s (Swarm's default)";
  if (policy.condition === "none") return "never";
  const parts = [
    policy.condition === "any" ? "always" : "on failure",
    `after ${spokenDuration(policy.delay ?? 5e9)}`,
    policy.maxAttempts && `at most ${plural(policy.maxAttempts, "time")}`,
    policy.maxAttempts && policy.window && `in ${spokenDuration(policy.window)}`,
  ];
  return parts.filter(Boolean).join(", ");
}

/** `1 at a time, the old one stops first, on failure rolled back`. */
export function updateWords(update: UpdateConfig | undefined): string | undefined {
  if (!update) return undefined;
  const failure = { pause: "paused", continue: "carried on", rollback: "rolled back" };
  const parts = [
    update.parallelism === 0 ? "all at once" : `${update.parallelism} at a time`,
    update.order === "start-first" ? "the new one starts first" : "the old one stops first",
    update.delay && `${spokenDuration(update.delay)} between two`,
    update.monitor && `watched for ${spokenDuration(update.monitor)}`,
    update.maxFailureRatio && `up to ${update.maxFailureRatio * 100} % may fail`,
    `on failure ${failure[update.failureAction ?? "pause"]}`,
  ];
  return parts.filter(Boolean).join(", ");
}

/** `limit 1.5 CPU, 512 MiB`, `reserved …`. */
export function resourceWords({ resources }: ServiceSpec): string[] {
  const { limits, reservations } = resources ?? {};
  const pids = limits?.pids ? [`${limits.pids} ${limits.pids === 1 ? "process" : "processes"}`] : [];
  const generic = (reservations?.genericResources ?? []).map(({ kind, value }) => `${value} ${kind}`);
  return [
    listed("at most", [...amounts(limits), ...pids]),
    listed("reserved", [...amounts(reservations), ...generic]),
  ].filter(Boolean);
}

function amounts(from: { nanoCpus?: number; memoryBytes?: number } | undefined): string[] {
  return [
    ...(from?.nanoCpus ? [spokenCpus(from.nanoCpus)] : []),
    ...(from?.memoryBytes ? [`${spokenBytes(from.memoryBytes)} of memory`] : []),
  ];
}

function listed(word: string, parts: string[]): string {
  return parts.length > 0 ? `${word} ${parts.join(", ")}` : "";
}

/** `volume data at /data, read-only`. */
export function mountWords(mount: Mount, volumeKeys: ReadonlyMap<string, string>): string {
  const source = mount.source && (volumeKeys.get(mount.source) ?? mount.source);
  const size = mount.tmpfs?.sizeBytes === undefined ? "" : `, ${spokenBytes(mount.tmpfs.sizeBytes)}`;
  const notes = [
    mount.readOnly && "read-only",
    mount.bind?.propagation,
    mount.volume?.noCopy && "not filled from the image",
    mount.volume?.subpath && `its folder ${mount.volume.subpath}`,
  ];
  const what = source ? `${mount.type} ${source}` : mount.type === "volume" ? "an anonymous volume" : mount.type;
  return [`${what} at ${mount.target}${size}`, ...notes.filter(Boolean)].join(", ");
}

/** `2222 to 22/tcp, on the node itself`. */
export function portWords({ published, target, protocol, mode }: Port): string {
  const where = mode === "host" ? "on the node itself" : "on every node (ingress)";
  return `${published ?? "a port of Swarm's choice"} to ${target}/${protocol}, ${where}`;
}
