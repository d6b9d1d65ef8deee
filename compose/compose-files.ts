import { readFile, realpath, stat } from "node:fs/promises";
import { isAbsolute, join, sep } from "node:path";
import { type Document, LineCounter, parseDocument } from "yaml";
import { UserError, UserErrors } from "../lib/errors.ts";
import type { EnvFile } from "./env.ts";
import { type VariableUse, variableUses } from "./variables.ts";

/** One compose file of the app, read but not interpolated. */
export interface ComposeFile {
  /** Path within the recipe. */
  path: string;
  document: Document;
  /** The document as plain data, anchors and `<<` merged. */
  raw: unknown;
  variables: VariableUse[];
}

/** Bytes of a compose file. */
const COMPOSE_LIMIT = 1 << 20;

/**
 * The path of a file of the recipe, symbolic links followed.
 * @throws UserError when it is missing, no plain file, longer than `limit` bytes or outside the recipe
 */
export async function recipeFile(
  checkout: string,
  path: string,
  limit: number,
  place: { file?: string; line?: number; key?: string },
): Promise<string> {
  const inside = !isAbsolute(path) && !path.split(/[\\/]/).includes("..") && !path.includes("\0") && path !== "";
  if (!inside) throw new UserError(`"${path}" is no path within the recipe`, { place });
  const root = await realpath(checkout);
  const found = await realpath(join(root, path)).catch(() => undefined);
  if (!found) throw new UserError(`"${path}" is not in the recipe`, { place, remedy: "add the file, or correct it" });
  if (!found.startsWith(root + sep)) throw new UserError(`"${path}" is a link that leaves the recipe`, { place });
  const { size, isFile } = await stat(found).then((entry) => ({ size: entry.size, isFile: entry.isFile() }));
  if (!isFile) throw new UserError(`"${path}" is no file`, { place });
  if (size > limit) throw new UserError(`"${path}" has ${size} bytes, more than ${limit}`, { place });
  return found;
}

/**
 * Reads the files of `COMPOSE_FILE` (separated by `:`; unset: `compose.yml`).
 * @throws UserErrors for missing files, bad YAML, and files on the runner that `env_file` would read
 */
export async function readComposeFiles(
  checkout: string,
  env: Readonly<Record<string, string>>,
  sample: EnvFile,
): Promise<ComposeFile[]> {
  const line = sample.entries.findLast((entry) => entry.key === "COMPOSE_FILE")?.line;
  const place = env.COMPOSE_FILE ? { file: ".env.sample", line, key: "COMPOSE_FILE" } : {};
  const paths = (env.COMPOSE_FILE || "compose.yml").split(":").filter(Boolean);
  const results = await Promise.allSettled(paths.map((path) => readComposeFile(checkout, path, place)));
  return collect(results);
}

async function readComposeFile(checkout: string, path: string, place: object): Promise<ComposeFile> {
  const text = await readFile(await recipeFile(checkout, path, COMPOSE_LIMIT, place), "utf8");
  const lines = new LineCounter();
  const document = parseYaml(text, lines, path);
  const problem = document.errors[0];
  if (problem) {
    const message = (problem.message.split("\n")[0] ?? "").replace(/ at line \d+, column \d+:?$/, "");
    throw new UserError(message, { place: { file: path, line: problem.linePos?.[0].line } });
  }
  const file = { path, document, raw: plainData(document, path), variables: variableUses(document, lines) };
  await checkEnvFiles(checkout, file.raw, path);
  return file;
}

/** @throws UserError for text nested so deeply that the parser runs out of stack */
function parseYaml(text: string, lineCounter: LineCounter, file: string): Document {
  try {
    return parseDocument(text, { lineCounter, merge: true, logLevel: "error" });
  } catch (error) {
    if (error instanceof RangeError) throw new UserError("is nested too deeply", { place: { file }, cause: error });
    throw error;
  }
}

/** @throws UserError for aliases that blow up, and merges of what is no mapping */
function plainData(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 200 });
  } catch (error) {
    throw new UserError(error instanceof Error ? error.message : String(error), { place: { file } });
  }
}

/**
 * docker/cli reads `env_file` itself, and would read any file of this machine. Called before it runs, and again on
 * what it made of the files, should it understand their YAML otherwise.
 * @throws UserError for a path that is not within the recipe
 */
export async function checkEnvFiles(checkout: string, compose: unknown, file: string): Promise<void> {
  for (const [key, service] of Object.entries(asRecord(asRecord(compose).services))) {
    const value = asRecord(service).env_file ?? [];
    for (const path of Array.isArray(value) ? value : [value]) {
      const place = { file, key: `services.${key}.env_file` };
      if (String(path).includes("$")) throw new UserError("a path with variables is not taken", { place });
      await recipeFile(checkout, String(path).replace(/^(\.\/)+/, ""), COMPOSE_LIMIT, place);
    }
  }
}

/**
 * Refuses variables that no one defines: docker/cli would put an empty string there without a word.
 * A variable that is only commented out in `.env.sample` is an option left out, and empty on purpose.
 * @throws UserErrors with every such place
 */
export function assertDefined(
  files: readonly ComposeFile[],
  env: Readonly<Record<string, string>>,
  sample: EnvFile,
): void {
  const optional = new Set(sample.optional.flatMap((block) => block.entries.map((entry) => entry.key)));
  const errors = files.flatMap((file) =>
    file.variables
      .filter((use) => !Object.hasOwn(env, use.name) && !use.hasDefault)
      .filter((use) => use.required !== undefined || !optional.has(use.name))
      .map((use) => undefinedVariable(file.path, use)),
  );
  if (errors.length > 0) throw new UserErrors(errors);
}

function undefinedVariable(file: string, use: VariableUse): UserError {
  return new UserError(`variable ${use.name} is defined nowhere${use.required ? ` (${use.required})` : ""}`, {
    place: { file, line: use.line },
    remedy: `add ${use.name} to .env.sample, or give it a default: \${${use.name}:-...}`,
  });
}

/** The last of the files that has a key such as `services.app.volumes`: of two it is the one that counts. */
export function fileOf(files: readonly ComposeFile[], key: string): string | undefined {
  const valueIn = (raw: unknown) => key.split(".").reduce((value, part) => asRecord(value)[part], raw);
  return files.findLast(({ raw }) => valueIn(raw) !== undefined)?.path;
}

/** A mapping as a record, anything else as an empty one. */
export function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function collect<T>(results: readonly PromiseSettledResult<T>[]): T[] {
  const errors: UserError[] = [];
  const values: T[] = [];
  for (const result of results) {
    if (result.status === "fulfilled") values.push(result.value);
    else if (result.reason instanceof UserError) errors.push(result.reason);
    else throw result.reason;
  }
  if (errors.length > 0) throw new UserErrors(errors);
  return values;
}
