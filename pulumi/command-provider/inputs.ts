import { isArchive, isAsset, isUnknown, type Properties, reveal, type Value } from "./values.ts";

/** The resources served here, by type token. */
export type ResourceType = "command:local:Command" | "command:remote:Command" | "command:remote:CopyToRemote";

type Kind = "string" | "number" | "boolean" | "strings" | "stringMap" | "any[]" | "logging" | "connection" | "source";

const COMMAND: Record<string, Kind> = {
  addPreviousOutputInEnv: "boolean",
  create: "string",
  delete: "string",
  environment: "stringMap",
  logging: "logging",
  stdin: "string",
  triggers: "any[]",
  update: "string",
};

/** Inputs of each resource, as in the schema of the official provider 1.2.1. */
const INPUTS: Record<ResourceType, Record<string, Kind>> = {
  "command:local:Command": { ...COMMAND, dir: "string", interpreter: "strings" },
  "command:remote:Command": { ...COMMAND, connection: "connection" },
  "command:remote:CopyToRemote": {
    connection: "connection",
    remotePath: "string",
    source: "source",
    triggers: "any[]",
  },
};

const CONNECTION: Record<string, Kind> = {
  agentSocketPath: "string",
  dialErrorLimit: "number",
  host: "string",
  hostKey: "string",
  password: "string",
  perDialTimeout: "number",
  port: "number",
  privateKey: "string",
  privateKeyPassword: "string",
  proxy: "connection",
  user: "string",
};

const REQUIRED = ["connection", "remotePath", "source"];
const NOT_SERVED = ["archivePaths", "assetPaths"];
const LOGGING = ["stdout", "stderr", "stdoutAndStderr", "none"];

export interface Failure {
  property: string;
  reason: string;
}

export function isResourceType(type: string): type is ResourceType {
  return Object.hasOwn(INPUTS, type);
}

/** Names of a resource's inputs: all that a state holds beside them are outputs. */
export function inputNames(type: ResourceType): string[] {
  return Object.keys(INPUTS[type]);
}

/** What is wrong with given inputs, all at once. A value that isn't known yet is not judged. */
export function checkInputs(type: ResourceType, given: Properties): Failure[] {
  const kinds = INPUTS[type];
  const missing = REQUIRED.filter((name) => name in kinds && (given[name] ?? null) === null).map((property) => ({
    property,
    reason: `${property} is required`,
  }));
  return [...missing, ...Object.entries(given).flatMap(([name, value]) => checkProperty(name, reveal(value), kinds))];
}

function checkProperty(name: string, value: Value, kinds: Record<string, Kind>): Failure[] {
  if (value === null || name === "__defaults") return [];
  const kind = kinds[name];
  if (kind === undefined) {
    const why = NOT_SERVED.includes(name) ? "is not supported by this build of the command provider" : "is unknown";
    return [{ property: name, reason: `${name} ${why}` }];
  }
  if (isUnknown(value)) return [];
  if (kind === "connection") return checkConnection(name, value);
  const wrong = wrongness(kind, value);
  return wrong ? [{ property: name, reason: `${name} ${wrong}` }] : [];
}

function checkConnection(path: string, value: Value): Failure[] {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return [{ property: path, reason: `${path} must be an object` }];
  const missing = value.host == null ? [{ property: `${path}.host`, reason: `${path}.host is required` }] : [];
  const inner = Object.entries(value).flatMap(([name, item]) => checkProperty(name, item, CONNECTION));
  return [...missing, ...inner];
}

/** How a known value is not of its kind, as the end of a sentence; undefined when it is. */
function wrongness(kind: Exclude<Kind, "connection">, value: Value): string | undefined {
  const isString = (item: Value) => typeof item === "string";
  switch (kind) {
    case "string":
    case "number":
    case "boolean":
      return typeof value === kind ? undefined : `must be a ${kind}`;
    case "strings":
      return Array.isArray(value) && value.every(isString) ? undefined : "must be a list of strings";
    case "any[]":
      return Array.isArray(value) ? undefined : "must be a list";
    case "stringMap":
      return isMap(value) && Object.values(value).every(isString) ? undefined : "must be a map of strings";
    case "logging":
      return isString(value) && LOGGING.includes(value as string) ? undefined : `must be one of ${LOGGING.join(", ")}`;
    case "source":
      return sourceWrongness(value);
  }
}

function sourceWrongness(value: Value): string | undefined {
  if (isAsset(value))
    return value.path || typeof value.text === "string" ? undefined : "must be an asset of a file or a text";
  if (isArchive(value)) return value.path ? undefined : "must be an archive of a file or a folder";
  return "must be an asset or an archive";
}

function isMap(value: Value): value is { [key: string]: Value } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
