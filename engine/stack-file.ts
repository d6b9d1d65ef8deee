import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { UserError } from "../lib/errors.ts";
import { projectPath } from "../lib/project.ts";

const NAMESPACE = "recipe-ci";

/** The settings of a stack that are kept in the checkout, beside Pulumi.yaml. */
export function stackFile(stack: string): string {
  return projectPath(`Pulumi.${stack}.yaml`);
}

/**
 * The plain values that a stack's settings have under `recipe-ci:`, those that Pulumi.yaml gives to all stacks
 * included; by key without that prefix. Secret ones and lists are left out.
 *
 * @throws UserError for a file that is no YAML
 */
export function stackConfig(stack: string): Record<string, string> {
  return { ...projectDefaults(), ...configOf(stackFile(stack)) };
}

/** Pulumi's `config` of a project: for keys of its own, each with a `default`. */
function projectDefaults(): Record<string, string> {
  const { config = {} } = readYaml(projectPath("Pulumi.yaml"));
  return plainValues(
    Object.entries(config).map(([key, value]) => [key, (value as { default?: unknown } | null)?.default]),
  );
}

function configOf(file: string): Record<string, string> {
  const { config = {} } = readYaml(file);
  return plainValues(Object.entries(config));
}

function plainValues(entries: [string, unknown][]): Record<string, string> {
  return Object.fromEntries(
    entries.flatMap(([key, value]) => {
      const [name = "", namespace = NAMESPACE] = key.split(":").reverse();
      return namespace === NAMESPACE && ["string", "number", "boolean"].includes(typeof value)
        ? [[name, String(value)]]
        : [];
    }),
  );
}

function readYaml(file: string): { config?: Record<string, unknown> } {
  try {
    return (parse(readFileSync(file, "utf8")) ?? {}) as { config?: Record<string, unknown> };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw new UserError(`can't be read: ${(error as Error).message.split("\n")[0]}`, {
      place: { file },
      remedy: "mend it, or remove it to begin anew",
      cause: error,
    });
  }
}
