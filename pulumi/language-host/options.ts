/** The `runtime.options` of a Pulumi.yaml, as far as this language host knows them. */
export interface RuntimeOptions {
  /** Whether `@pulumi/pulumi` loads ts-node before the program. Default true, as in Pulumi's own host. */
  typescript: boolean;
  /** Arguments for Node itself, before the program. Default none. */
  nodeargs: string[];
  /** Path of a tsconfig for ts-node, relative to the program. */
  tsconfig?: string;
}

const PACKAGE_MANAGERS = ["auto", "npm"];

/**
 * Reads `runtime.options`. Throws on an option that is unknown or that this host can't honour, naming it: silence
 * would run the program in another way than its author asked for.
 */
export function parseRuntimeOptions(given: Record<string, unknown>): RuntimeOptions {
  const options: RuntimeOptions = { typescript: true, nodeargs: [] };
  for (const [name, value] of Object.entries(given)) {
    switch (name) {
      case "typescript":
        options.typescript = expect(name, value, "boolean");
        break;
      case "nodeargs":
        options.nodeargs = splitArguments(expect(name, value, "string"));
        break;
      case "tsconfig":
        options.tsconfig = expect(name, value, "string");
        break;
      case "packagemanager":
        if (!PACKAGE_MANAGERS.includes(expect(name, value, "string")))
          throw new Error(`Pulumi.yaml: runtime option packagemanager "${value}" is not supported here, use "npm"`);
        break;
      default:
        throw new Error(`Pulumi.yaml: runtime option "${name}" is not supported by this Node language host`);
    }
  }
  return options;
}

function expect(name: string, value: unknown, type: "boolean"): boolean;
function expect(name: string, value: unknown, type: "string"): string;
function expect(name: string, value: unknown, type: "boolean" | "string"): unknown {
  if (typeof value !== type) throw new Error(`Pulumi.yaml: runtime option "${name}" must be a ${type}`);
  return value;
}

/** Splits at blanks; single and double quotes keep blanks in one argument. */
function splitArguments(text: string): string[] {
  const words = text.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? [];
  return words.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, "$1$2"));
}
