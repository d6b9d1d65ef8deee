import { type ErrorPlace, UserError } from "../../lib/errors.ts";
import type { ComposeFile } from "./compose-file.ts";
import { locate } from "./places.ts";
import { usesIn } from "./variables.ts";

/** The top-level parts of a compose file that have names of their own. */
export type DeclaredKind = "services" | "networks" | "volumes" | "secrets" | "configs";

/** Where something is declared, with its key; of several files the last, which counts. */
export function declaredAt(files: readonly ComposeFile[], kind: DeclaredKind, key: string): ErrorPlace {
  const file = files.findLast((one) => written(one, kind, key) !== undefined);
  return { ...(file && locate([file], [kind, key])), key: `${kind}.${key}` };
}

/** The `name:` of a secret or config as it is written, variables and all. */
export function writtenName(files: readonly ComposeFile[], kind: "secrets" | "configs", key: string): string {
  const names = files.map((file) => {
    const object = written(file, kind, key);
    return object?.name ?? recordIn(object, "external")?.name;
  });
  return names.findLast((name) => typeof name === "string") ?? "";
}

/** The variable that carries the version in such a name: the last one, by which abra goes as well. */
export function versionVariable(name: string): string | undefined {
  return usesIn(name)
    .map((use) => use.name)
    .findLast((variable) => variable !== "STACK_NAME");
}

/** The same mistakes at the place of what they are about; anything else that was thrown as it is. */
export function withPlace<T>(error: T, files: readonly ComposeFile[], kind: DeclaredKind, key: string): T | UserError {
  if (!(error instanceof UserError)) return error;
  const { message, remedy } = error;
  return new UserError(message, { remedy, place: declaredAt(files, kind, key), cause: error });
}

function written(file: ComposeFile, kind: DeclaredKind, key: string): Record<string, unknown> | undefined {
  const objects = recordIn(file.raw, kind);
  return objects && Object.hasOwn(objects, key) ? (recordIn(objects, key) ?? {}) : undefined;
}

/** A mapping within another, as it is: an app may have very many. */
function recordIn(value: unknown, key: string): Record<string, unknown> | undefined {
  const found: unknown = typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
  return typeof found === "object" && found !== null ? (found as Record<string, unknown>) : undefined;
}
