import type { AppSpec, ConfigSpec } from "../compose/app-spec.ts";
import { configText } from "../compose/config-text.ts";
import { maskedLines } from "../masking/mask-lines.ts";
import type { Change } from "./change.ts";
import { compareFields, fieldsOf, type Remark } from "./fields.ts";
import { spokenBytes } from "./speak.ts";
import { unifiedDiff } from "./text-diff.ts";

/** What changes about the configs: names, bytes, and the rest field by field. */
export function configChanges(base: AppSpec, head: AppSpec): Change[] {
  const keys = new Set([...base.configs, ...head.configs].map(({ key }) => key));
  return [...keys].flatMap((key) => {
    const old = base.configs.find((config) => config.key === key);
    const now = head.configs.find((config) => config.key === key);
    return [...contentChange(key, old, now, base), ...settingChanges(old, now, base)];
  });
}

/**
 * What Swarm would not take over of a config, having one of that name: it knows configs by their names, whatever
 * their keys, refuses new bytes (swarmkit, controlapi/config.go), and silently keeps the template driver.
 *
 * @param content the bytes of a config in any one form, such as base64 or a digest
 */
export function keptBySwarm<T extends Pick<ConfigSpec, "name" | "templateDriver">>(
  base: readonly T[],
  now: T,
  content: (config: T) => string,
): ("content" | "template driver")[] {
  const taken = base.find(({ name }) => name === now.name);
  if (!taken) return [];
  return [
    ...(content(taken) === content(now) ? [] : ["content" as const]),
    ...((taken.templateDriver ?? "") === (now.templateDriver ?? "") ? [] : ["template driver" as const]),
  ];
}

/** How many bytes a config holds. */
export function configSize({ data }: ConfigSpec): number {
  return Buffer.byteLength(data, "base64");
}

function contentChange(
  key: string,
  old: ConfigSpec | undefined,
  now: ConfigSpec | undefined,
  base: AppSpec,
): [Change] | [] {
  if (old && now && old.name === now.name && old.data === now.data) return [];
  const change: Change = {
    area: "config",
    subject: key,
    kind: old === undefined ? "added" : now === undefined ? "removed" : "changed",
    ...(old && { before: describe(old) }),
    ...(now && { after: describe(now) }),
    severity: "info",
  };
  if (now?.external) return [{ ...change, ...(old?.external && old.name === now.name ? {} : MADE_BY_OPERATORS) }];
  return [{ ...change, ...(old && now && contentRemark(old, now)), ...(now && refusal(now, base)) }];
}

function describe(config: ConfigSpec): string {
  return `${config.name}, ${config.external ? "external" : spokenBytes(configSize(config))}`;
}

function contentRemark(old: ConfigSpec, now: ConfigSpec): Partial<Change> {
  if (old.external) return { note: "what operators have in the old one is not known here" };
  if (old.data === now.data) return { note: "another name for the same content" };
  const [before, after] = [configText(old), configText(now)];
  if (before === undefined || after === undefined) return { note: "no text: compared by its bytes alone" };
  const diff = unifiedDiff(before, after, maskedLines);
  return diff === undefined ? { note: "too long or too different to compare line by line" } : { diff };
}

function refusal(now: ConfigSpec, base: AppSpec): Remark | undefined {
  const kept = keptOf(now, base);
  // Where the key is not new either, its driver is told by itself.
  if (!kept.includes("content")) return kept.length > 0 && isNew(now, base) ? DRIVER_KEPT : undefined;
  const why =
    'Swarm refuses new content under an old name ("only updates to Labels are allowed"), so the upgrade fails';
  const remedy = now.versionVariable
    ? `raise ${now.versionVariable} in abra.sh`
    : `let its name end in a version, e.g. \${STACK_NAME}_conf_\${CONF_VERSION}, and raise CONF_VERSION in abra.sh`;
  return { severity: "error", note: `${why}: ${remedy}.` };
}

function keptOf(now: ConfigSpec, base: AppSpec): ReturnType<typeof keptBySwarm> {
  // What operators made is not known here.
  const own = base.configs.filter(({ external }) => !external);
  return now.external ? [] : keptBySwarm(own, now, ({ data }) => data);
}

function isNew(now: ConfigSpec, base: AppSpec): boolean {
  return base.configs.every(({ key }) => key !== now.key);
}

function settingChanges(old: ConfigSpec | undefined, now: ConfigSpec | undefined, base: AppSpec): Change[] {
  if (!old || !now) return [];
  const settings = ({ key: _key, name: _name, data: _data, ...rest }: ConfigSpec) => fieldsOf(rest);
  const kept = keptOf(now, base).includes("template driver");
  return compareFields(settings(old), settings(now), {
    area: "config",
    subject: old.key,
    remark: (_, path) => {
      if (path === "external" && !now.external && old.name === now.name) return MADE_ALREADY;
      return kept && path === "templateDriver" ? DRIVER_KEPT : {};
    },
  });
}

const MADE_BY_OPERATORS: Remark = { severity: "warning", note: "operators must make it first" };

const MADE_ALREADY: Remark = {
  severity: "warning",
  note: "operators have made it already, and Swarm refuses other content under its name",
};

// Swarm answers such an update with success and changes nothing.
const DRIVER_KEPT: Remark = {
  severity: "error",
  note: "Swarm silently keeps the old template driver of a config whose name stays: raise the version in its name.",
};
