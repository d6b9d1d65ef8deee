import type { AppSpec, ConfigSpec } from "../app-spec.ts";
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
    return [...contentChange(key, old, now, { base, head }), ...settingChanges(old, now)];
  });
}

/** The bytes of a config as text; undefined when they are none. */
export function configText({ data }: ConfigSpec): string | undefined {
  const bytes = Buffer.from(data, "base64");
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}

/** How many bytes a config holds. */
export function configSize({ data }: ConfigSpec): number {
  return Buffer.byteLength(data, "base64");
}

interface Apps {
  base: AppSpec;
  head: AppSpec;
}

function contentChange(
  key: string,
  old: ConfigSpec | undefined,
  now: ConfigSpec | undefined,
  apps: Apps,
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
  return [{ ...change, ...(old && now && contentRemark(old, now)), ...(now && refusal(now, apps)) }];
}

function describe(config: ConfigSpec): string {
  return `${config.name}, ${spokenBytes(configSize(config))}`;
}

function contentRemark(old: ConfigSpec, now: ConfigSpec): Partial<Change> {
  if (old.data === now.data) return { note: "another name for the same content" };
  const [before, after] = [configText(old), configText(now)];
  if (before === undefined || after === undefined) return { note: "no text: compared by its bytes alone" };
  const diff = unifiedDiff(before, after);
  return diff === undefined ? { note: "too long to compare line by line" } : { diff };
}

/** Swarm knows a config by its name, whatever its key, and takes no new bytes for it (swarmkit, controlapi/config.go). */
function refusal(now: ConfigSpec, { base, head }: Apps): Remark | undefined {
  const taken = base.configs.find((config) => config.name === now.name);
  if (!taken || taken.data === now.data) return undefined;
  const why =
    'Swarm refuses new content under an old name ("only updates to Labels are allowed"), so the upgrade fails';
  const variable = versionVariable(now, head);
  const remedy = variable
    ? `raise ${variable} in abra.sh`
    : `let its name end in a version, e.g. \${STACK_NAME}_conf_\${CONF_VERSION}, and raise CONF_VERSION in abra.sh`;
  return { severity: "error", note: `${why}: ${remedy}.` };
}

/** The variable whose value ends the config's name: abra gives service `app` every variable of the app. */
function versionVariable(config: ConfigSpec, app: AppSpec): string | undefined {
  const env = app.services.find(({ key }) => key === "app")?.env ?? {};
  const versions = Object.entries(env).filter(([name, value]) => name.endsWith("_VERSION") && value);
  const candidates = versions.filter(([, value]) => config.name.endsWith(`_${value}`)).map(([name]) => name);
  const named = candidates.filter((name) => config.name.includes(name.replace(/_VERSION$/, "").toLowerCase()));
  const [only, ...others] = named.length > 0 ? named : candidates;
  return others.length === 0 ? only : undefined;
}

function settingChanges(old: ConfigSpec | undefined, now: ConfigSpec | undefined): Change[] {
  if (!old || !now) return [];
  const settings = ({ key: _key, name: _name, data: _data, ...rest }: ConfigSpec) => fieldsOf(rest);
  const kept = old.name === now.name;
  return compareFields(settings(old), settings(now), {
    area: "config",
    subject: old.key,
    remark: (_, path) => (kept && path === "templateDriver" ? DRIVER_KEPT : {}),
  });
}

// Swarm answers such an update with success and changes nothing.
const DRIVER_KEPT: Remark = {
  severity: "error",
  note: "Swarm silently keeps the old template driver of a config whose name stays: raise the version in its name.",
};
