import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { UserError } from "../lib/errors.ts";
import { projectPath } from "../lib/project.ts";

const NAMESPACE = "recipe-ci";

/** Where Pulumi keeps the settings of a stack, and notes its salt: below `stackConfigDir` of Pulumi.yaml. */
export function stackFile(stack: string): string {
  return projectPath(`.stacks/Pulumi.${stack}.yaml`);
}

/**
 * The plain values that a stack's settings have under `recipe-ci:`, over those that the project ships for it; by key
 * without that prefix. Secret ones and lists are left out.
 *
 * @throws UserError for a file that is no YAML
 */
export function stackConfig(stack: string): Record<string, string> {
  return { ...shippedConfig(stack), ...configOf(stackFile(stack)) };
}

/**
 * The plain values that `Pulumi.<stack>.yaml` beside Pulumi.yaml has under `recipe-ci:`. Pulumi itself neither reads
 * nor writes that file, which git tracks.
 *
 * @throws UserError for a file that is no YAML
 */
export function shippedConfig(stack: string): Record<string, string> {
  return configOf(projectPath(`Pulumi.${stack}.yaml`));
}

/** What a stack's settings have of secret values under `recipe-ci:`, as Pulumi encrypted them, and with which salt. */
export function secretSettings(stack: string): { encryptionsalt?: string; config: Record<string, { secure: string }> } {
  const { encryptionsalt, config = {} } = readYaml(stackFile(stack));
  const secrets = Object.entries(config).filter((entry): entry is [string, { secure: string }] => {
    const [key, value] = entry;
    return key.startsWith(`${NAMESPACE}:`) && isSecret(value);
  });
  return secrets.length > 0 ? { encryptionsalt, config: Object.fromEntries(secrets) } : { config: {} };
}

/** @throws UserError where a value that opens something lies in a stack's settings for everybody to read */
export function refusePlain(stack: string, key: string): void {
  const files = [stackFile(stack), projectPath(`Pulumi.${stack}.yaml`)].map((file) => readYaml(file).config ?? {});
  const values = files.flatMap((config) => [config[key], config[`${NAMESPACE}:${key}`]]);
  if (values.every((value) => value === undefined || isSecret(value))) return;
  throw new UserError("is no secret, and lies in the settings for everybody to read", {
    place: { key: `${NAMESPACE}:${key}` },
    remedy: `change what it opens, then: npx recipe-ci pulumi config set --secret ${key}`,
  });
}

function isSecret(value: unknown): value is { secure: string } {
  return typeof value === "object" && value !== null && "secure" in value;
}

function configOf(file: string): Record<string, string> {
  const { config = {} } = readYaml(file);
  return Object.fromEntries(
    Object.entries(config).flatMap(([key, value]) => {
      const [name = "", namespace = NAMESPACE] = key.split(":").reverse();
      return namespace === NAMESPACE && ["string", "number", "boolean"].includes(typeof value)
        ? [[name, String(value)]]
        : [];
    }),
  );
}

function readYaml(file: string): { encryptionsalt?: string; config?: Record<string, unknown> } {
  try {
    return (parse(readFileSync(file, "utf8")) ?? {}) as ReturnType<typeof readYaml>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw new UserError(`can't be read: ${(error as Error).message.split("\n")[0]}`, {
      place: { file },
      remedy: "mend it, or remove it to begin anew",
      cause: error,
    });
  }
}
