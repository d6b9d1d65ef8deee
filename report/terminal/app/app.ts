import type { AppCommand, AppSpec, NetworkSpec, SecretSpec, VolumeSpec } from "../../../compose/app-spec.ts";
import { backupPlan } from "../../../compose/labels/backup-labels.ts";
import { charactersOf } from "../../../compose/objects/secret-values.ts";
import { configSize } from "../../../diff/configs.ts";
import { fieldsOf } from "../../../diff/fields.ts";
import { spokenBytes } from "../../../diff/speak.ts";
import { plainText } from "../../../lib/plain-text.ts";
import { plural } from "../../../lib/plural.ts";
import { maskedApp } from "../../../masking/mask-app.ts";
import { type Look, lookOf, paint } from "../look.ts";
import { type Row, row, section } from "./lines.ts";
import { serviceRows } from "./service.ts";

/**
 * What a recipe asks of a Swarm, for a person to read: each service, then what the services share, what is backed
 * up, and what looks wrong. Values that look secret are hidden.
 *
 * @param full with the values of every variable of service `app`, which abra passes the whole environment
 */
export function appText(app: AppSpec, full: boolean, look: Look = lookOf()): string {
  const shown = maskedApp(app);
  const blocks = [
    heading(shown, look),
    ...shown.services.map((service) => section(look, `Service ${service.key}`, serviceRows(service, shown, full))),
    section(look, "Networks", shown.networks.map(networkRow)),
    section(look, "Volumes", shown.volumes.map(volumeRow)),
    section(look, "Secrets", shown.secrets.map(secretRow)),
    // As they are: they are shown by their sizes alone.
    section(look, "Configs", configRows(app)),
    section(look, "Commands", commandRows(shown)),
    section(look, "Backup", backupRows(shown)),
    section(look, "Warnings", warningRows(app)),
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

function heading(app: AppSpec, look: Look): string[] {
  const name = `${app.recipe} ${app.version ?? "without a version label"}`;
  const facts = [
    `commit ${app.commit.slice(0, 10)}`,
    `namespace ${app.namespace}`,
    app.domain && `domain ${app.domain}`,
    `${app.timeoutSeconds} s to converge`,
  ];
  return [
    paint(look, "bold", plainText(name)),
    ...facts.filter(Boolean).map((fact) => paint(look, "gray", `  ${plainText(String(fact))}`)),
  ];
}

function networkRow({ key, name, external, driver, internal, attachable, driverOpts, labels, ipam }: NetworkSpec): Row {
  if (external) return row(key, `${name}, external: it must be there already`);
  const facts = [name, driver, internal && "internal: no way out", attachable && "attachable"];
  const rest = { options: emptyless(driverOpts), labels: emptyless(ownLabels(labels)), ipam };
  return row(key, [facts.filter(Boolean).join(", "), ...furtherFields(rest)]);
}

function volumeRow({ key, name, external, driver, driverOpts, labels }: VolumeSpec): Row {
  if (external) return row(key, `${name}, external: it must be there already`);
  const rest = { driver, options: emptyless(driverOpts), labels: emptyless(ownLabels(labels)) };
  return row(key, [name, ...furtherFields(rest)]);
}

function secretRow({ key, name, version, users, generate, content }: SecretSpec): Row {
  if (content) return row(key, [name, `made from ${content.file}; no service uses it`]);
  const { enabled, charset, versionVariable } = generate;
  const length = charactersOf(generate);
  const value = length === undefined ? "a passphrase" : `${length} characters${charset ? ` of ${charset}` : ""}`;
  const made = enabled ? `generated: ${value}` : "not generated: a value must be given";
  const from = versionVariable ? ` from ${versionVariable}` : "";
  const used = users.map(({ service, file }) => (file === key ? service : `${service} as ${file}`));
  return row(key, [name, `${made}; version ${version}${from}`, `used by ${used.join(", ")}`]);
}

function commandRows({ commands }: AppSpec): Row[] {
  const called = (when: string, all: readonly AppCommand[] = []) =>
    all.map(({ service, call }) => row(service, `${call}, after ${when}`));
  return [...called("a deployment", commands?.afterDeploy), ...called("an upgrade", commands?.afterUpgrade)];
}

function configRows({ configs }: AppSpec): Row[] {
  return configs.map((config) => {
    if (config.external) return row(config.key, `${config.name}, external: it must be there already`);
    const from = config.file ? ` from ${config.file}` : "";
    const driver = config.templateDriver ? `, a ${config.templateDriver} template that Swarm fills in` : "";
    const labels = furtherFields({ labels: emptyless(ownLabels(config.labels)) });
    return row(config.key, [config.name, `${spokenBytes(configSize(config))}${from}${driver}`, ...labels]);
  });
}

function backupRows(app: AppSpec): Row[] {
  const plan = backupPlan(app);
  const hooks = (label: string, all: typeof plan.preHooks) =>
    row(
      label,
      all.map(({ service, command }) => `${command} (in ${service})`),
    );
  return [
    row("", plan.reason),
    ...plan.volumes.map(({ key, excluded, paths }) => {
      const what = paths ? `only ${paths.join(", ")}` : "all of it";
      return row(key, excluded || !plan.enabled ? "left out" : what);
    }),
    hooks("before", plan.preHooks),
    hooks("after", plan.postHooks),
    hooks("pre-restore", plan.restorePreHooks),
    hooks("post-restore", plan.restorePostHooks),
  ];
}

function warningRows(app: AppSpec): Row[] {
  const all = [...app.warnings, ...backupPlan(app).warnings];
  return all.length === 0 ? [] : [row(plural(all.length, "warning"), all)];
}

function furtherFields(value: object): string[] {
  if (Object.values(value).every((item) => item === undefined)) return [];
  return [...fieldsOf(value)].map(([path, { text }]) => `${path} ${text}`);
}

function ownLabels(labels: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => name !== "com.docker.stack.namespace"));
}

function emptyless<T extends object>(value: T): T | undefined {
  return Object.keys(value).length > 0 ? value : undefined;
}
