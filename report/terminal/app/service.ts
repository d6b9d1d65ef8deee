import type { AppSpec, FileReference, Labels, ServiceSpec } from "../../../compose/app-spec.ts";
import { fieldsOf } from "../../../diff/fields.ts";
import { spokenArguments, spokenDuration } from "../../../diff/speak.ts";
import { spokenMode } from "../../../lib/swarm/spoken-mode.ts";
import { type Row, row } from "./lines.ts";
import { healthWords, modeWords, mountWords, portWords, resourceWords, restartWords, updateWords } from "./words.ts";

/** Groups of labels by the beginning of their names; what fits none is `other labels`. */
const LABEL_GROUPS: [label: string, prefix: string][] = [
  ["traefik", "traefik."],
  ["coop-cloud", "coop-cloud."],
  ["backupbot", "backupbot."],
];

/** Rarely used fields, told as they are. */
const PLAIN = [
  "workingDir",
  "user",
  "hostname",
  "hosts",
  "dns",
  "placement",
  "logDriver",
  "init",
  "readOnly",
  "tty",
  "openStdin",
  "capAdd",
  "capDrop",
  "sysctls",
  "isolation",
  "oomScoreAdj",
  "credentialSpec",
] as const satisfies (keyof ServiceSpec)[];

/** A service, its secrets masked, in rows, as a person wants to know it: what it runs, where it is reached, what it keeps, how it lives. */
export function serviceRows(service: ServiceSpec, app: AppSpec, full: boolean): Row[] {
  const volumes = new Map(app.volumes.map(({ key, name }) => [name, key]));
  return [
    row("image", service.image),
    row("runs", `${modeWords(service.mode)}${service.endpointMode === "dnsrr" ? ", found by DNS (dnsrr)" : ""}`),
    row("entrypoint", argumentsOf(service.command)),
    row("command", argumentsOf(service.args)),
    row(
      "networks",
      service.networks.map(({ key, aliases }) => `${key}${aliases.length ? `, as ${aliases.join(", ")}` : ""}`),
    ),
    row("ports", service.ports.map(portWords)),
    row(
      "mounts",
      service.mounts.map((mount) => mountWords(mount, volumes)),
    ),
    row(
      "secrets",
      service.secrets.map((secret) => reference(secret, "/run/secrets/")),
    ),
    row(
      "configs",
      service.configs.map((config) => reference(config, "/")),
    ),
    row("health", healthWords(service.healthcheck)),
    row("resources", resourceWords(service)),
    row("restart", restartWords(service.restartPolicy)),
    row("update", updateWords(service.updateConfig)),
    row("rollback", updateWords(service.rollbackConfig)),
    row(
      "stop",
      `${service.stopSignal ?? "the image's signal"}, killed after ${spokenDuration(service.stopGracePeriod)}`,
    ),
    ...PLAIN.map((name) => row(PLAIN_WORDS[name] ?? name, plainFields(service[name]))),
    row(
      "ulimits",
      service.ulimits?.map(({ name, soft, hard }) => `${name} ${soft} (soft), ${hard} (hard)`),
    ),
    ...labelRows(service.labels),
    row("container", pairs(Object.entries(withoutStack(service.containerLabels)))),
    envRow(service, full),
  ];
}

const PLAIN_WORDS: Partial<Record<(typeof PLAIN)[number], string>> = {
  workingDir: "folder",
  logDriver: "logging",
  readOnly: "read-only",
  openStdin: "open stdin",
  capAdd: "cap add",
  capDrop: "cap drop",
  oomScoreAdj: "oom score",
  credentialSpec: "credentials",
};

function argumentsOf(argv: readonly string[] | undefined): string | undefined {
  return argv && spokenArguments(argv);
}

function reference({ key, file, uid, gid, mode }: FileReference, folder: string): string {
  const owner = uid === "0" && gid === "0" ? "" : `, owner ${uid}:${gid}`;
  const rights = mode === 0o444 ? "" : `, mode ${spokenMode(mode)}`;
  return `${key} at ${file.startsWith("/") ? file : folder + file}${owner}${rights}`;
}

function plainFields(value: unknown): string[] {
  return [...fieldsOf(value)].map(([path, { text }]) => (path ? `${path} ${text}` : text));
}

/** A group's prefix stands before its lines already. */
function labelRows(labels: Labels): Row[] {
  const all = Object.entries(withoutStack(labels));
  const inGroup = (prefix: string) => all.filter(([name]) => name.startsWith(prefix));
  const others = all.filter(([name]) => LABEL_GROUPS.every(([, prefix]) => !name.startsWith(prefix)));
  return [
    ...LABEL_GROUPS.map(([label, prefix]) => row(label, pairs(inGroup(prefix), prefix.length))),
    row("other labels", pairs(others)),
  ];
}

/** Without what Docker adds itself: it repeats the namespace and the image. */
function withoutStack(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !name.startsWith("com.docker.stack.")));
}

function pairs(entries: [string, string | null][], prefixLength = 0): string[] {
  return entries.map(([name, value]) => {
    const short = name.slice(prefixLength);
    return value === null ? `${short} (passed by name)` : `${short}=${value}`;
  });
}

/** abra gives service `app` every variable of the app: their names are enough, unless asked for in full. */
function envRow(service: ServiceSpec, full: boolean): Row {
  const names = Object.keys(service.env);
  if (full || service.key !== "app" || names.length === 0) return row("env", pairs(Object.entries(service.env)));
  return row(
    "env",
    `${names.length} variables, with all that abra passes to app (--full shows values): ${names.join(", ")}`,
  );
}
