import type { AppSpec, ConfigSpec } from "../compose/app-spec.ts";
import { configText } from "../compose/config-text.ts";
import { masked, maskedList } from "./mask.ts";
import { maskedLines } from "./mask-lines.ts";
import { HIDDEN } from "./sensitive.ts";

/** Fields that hold names and values of the recipe's own choice. */
const RECORDS = new Set(["env", "labels", "containerLabels", "driverOpts", "options", "sysctls"]);

/**
 * A copy of an app to be shown: what looks secret in variables, labels, options, commands and the texts of configs is
 * hidden. `data` of a config is its text as shown, that of a secret always hidden. Deploy the original.
 */
export function maskedApp(app: AppSpec): AppSpec {
  const configs = app.configs.map((config) => ({ ...maskedDeep({ ...config, data: "" }), data: maskedData(config) }));
  const secrets = app.secrets.map(({ content, ...secret }) => ({
    ...maskedDeep(secret),
    ...(content && { content: { ...content, data: encoded(HIDDEN) } }),
  }));
  // The warnings are this project's own sentences.
  const { warnings, commands } = app;
  return {
    ...maskedDeep({ ...app, secrets: [], configs: [], warnings: [] }),
    ...{ secrets, configs, warnings },
    ...(commands && { commands: { ...maskedDeep(commands), script: maskedLines(commands.script) } }),
  };
}

function maskedData(config: ConfigSpec): string {
  const text = configText(config);
  return text === undefined ? config.data : encoded(maskedLines(text));
}

function encoded(text: string): string {
  return Buffer.from(text).toString("base64");
}

/** Everything goes through, so that a field added to the specs is not forgotten. */
function maskedDeep<T>(value: T): T {
  if (typeof value === "string") return masked("", value) as T;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const texts = value.every((item) => typeof item === "string");
    return (texts ? maskedList(value) : value.map(maskedDeep)) as T;
  }
  const entries = Object.entries(value).map(([key, item]) => {
    const named = RECORDS.has(key) && !Array.isArray(item);
    return [key, named ? maskedRecord(item) : maskedDeep(item)];
  });
  return Object.fromEntries(entries);
}

function maskedRecord(record: Record<string, string | null> | undefined): typeof record {
  if (record === undefined) return undefined;
  const entries = Object.entries(record).map(([name, value]) => [name, value === null ? null : masked(name, value)]);
  return Object.fromEntries(entries);
}
