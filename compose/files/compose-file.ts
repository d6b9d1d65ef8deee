import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { isAbsolute, join, posix, sep } from "node:path";
import type { Document } from "yaml";
import { type ErrorPlace, UserError, UserErrors, userErrors } from "../../lib/errors.ts";
import { similarCompose } from "./similar-name.ts";
import { composeText } from "./text.ts";
import { type VariableUse, variableUses } from "./variables.ts";
import { parseCompose } from "./yaml.ts";

/** One compose file of the app, read but not interpolated. */
export interface ComposeFile {
  /** Path within the recipe. */
  path: string;
  text: string;
  document: Document;
  /** The document as plain data, anchors and `<<` merged. */
  raw: unknown;
  /** Keys, values, mappings and lists, aliases followed. */
  nodes: number;
  variables: VariableUse[];
}

/** Most bytes of all compose files of an app together. The parser takes half a second and 100 MB for the oddest of them. */
const COMPOSE_LIMIT = 64 << 10;
/** Most compose files of an app. */
const FILE_COUNT = 100;

/**
 * The path of a file of the recipe, symbolic links followed.
 * @throws UserError when it is missing, no plain file, longer than `limit` bytes or outside the recipe
 */
export async function recipeFile(checkout: string, path: string, limit: number, place: ErrorPlace): Promise<string> {
  assertWithin(path, place);
  const root = await realpath(checkout);
  const found = await realpath(join(root, path)).catch(() => undefined);
  if (!found) throw await missing(root, path, place);
  const refuse = (message: string, remedy: string) => new UserError(`"${path}" ${message}`, { place, remedy });
  if (!found.startsWith(root + sep)) {
    throw refuse("is a link that leaves the recipe", "link to a file of the recipe, or copy it");
  }
  const { size, isFile } = await stat(found).then((entry) => ({ size: entry.size, isFile: entry.isFile() }));
  if (!isFile) throw refuse("is no file", "name a file in it");
  if (size > limit) {
    const remedy = "shorten the file; what an app needs of that length goes into its image or a volume";
    throw refuse(`has ${size} bytes, more than ${limit}`, remedy);
  }
  return found;
}

/** A submodule's files are in another repository, which neither abra nor this reads. */
async function missing(root: string, path: string, place: ErrorPlace): Promise<UserError> {
  const listed = await readFile(join(root, ".gitmodules"), "utf8").catch(() => "");
  const folders = listed.split("\n").flatMap((line) => (/^[ \t]*path[ \t]*=(.*)$/.exec(line)?.[1] ?? "").trim() || []);
  const within = folders.find((folder) => posix.normalize(path).startsWith(`${folder}/`));
  if (within === undefined) {
    const similar = similarCompose(path, await readdir(root).catch(() => []));
    const message = `"${path}" is not in the recipe`;
    if (similar === undefined) return new UserError(message, { place, remedy: "add the file, or correct it" });
    return new UserError(`${message}; there is ${similar}`, { place, remedy: `rename ${similar} to ${path}` });
  }
  return new UserError(`"${path}" lies in the submodule "${within}", and a recipe is read without its submodules`, {
    place,
    remedy: "copy the file into the recipe itself",
  });
}

/** @throws UserError for a path that by its text alone is not below the folder it is relative to */
export function assertWithin(path: string, place: ErrorPlace): void {
  const inside = !isAbsolute(path) && !path.split(/[\\/]/).includes("..") && !path.includes("\0") && path !== "";
  if (inside) return;
  const remedy = "write a path below the recipe's folder, with no / before it and no .. in it";
  throw new UserError(`"${path}" is no path within the recipe`, { place, remedy });
}

/** What COMPOSE_FILE enables, in its order; without it `compose.yml` alone. */
export function enabledPaths({ COMPOSE_FILE }: Readonly<Record<string, string>>): string[] {
  return (COMPOSE_FILE || "compose.yml").split(":").filter(Boolean);
}

/** The compose files that can be read, and what is wrong with the others. */
export interface ReadFiles {
  files: ComposeFile[];
  mistakes: readonly UserError[];
}

/**
 * Reads the files of `COMPOSE_FILE` (separated by `:`; unset: `compose.yml`).
 * @param origin where `COMPOSE_FILE` is set
 * @throws UserErrors for missing files, too many or too long ones, and YAML that docker/cli would read otherwise
 */
export async function readComposeFiles(
  checkout: string,
  env: Readonly<Record<string, string>>,
  origin?: ErrorPlace,
): Promise<ComposeFile[]> {
  const { files, mistakes } = await readWhatCanBe(checkout, env, origin);
  if (mistakes.length > 0) throw new UserErrors(mistakes);
  return files;
}

/** Like {@link readComposeFiles}, without giving up on all files for one. */
export async function readWhatCanBe(
  checkout: string,
  env: Readonly<Record<string, string>>,
  origin?: ErrorPlace,
): Promise<ReadFiles> {
  const place = env.COMPOSE_FILE ? { key: "COMPOSE_FILE", ...origin } : {};
  const paths = enabledPaths(env);
  const refuse = (message: string, remedy: string) => ({
    files: [],
    mistakes: [new UserError(message, { place, remedy })],
  });
  if (paths.length === 0) {
    return refuse(`"${env.COMPOSE_FILE}" names no file`, "write compose.yml, and each overlay after a :");
  }
  if (paths.length > FILE_COUNT) {
    return refuse(`names ${paths.length} files, more than ${FILE_COUNT}`, "put several overlays into one file");
  }
  const files: ComposeFile[] = [];
  const mistakes: UserError[] = [];
  let size = 0;
  for (const path of paths) {
    try {
      const bytes = await readFile(await recipeFile(checkout, path, COMPOSE_LIMIT, place));
      size += bytes.length;
      if (size > COMPOSE_LIMIT) {
        const remedy = "put long texts into configs, and leave overlays out";
        return refuse(`the compose files have more than ${COMPOSE_LIMIT} bytes together`, remedy);
      }
      files.push(readComposeFile(path, bytes));
    } catch (error) {
      mistakes.push(...userErrors(error));
    }
  }
  return { files, mistakes };
}

function readComposeFile(path: string, bytes: Buffer): ComposeFile {
  const text = composeText(bytes, path);
  const { document, raw, nodes, lines } = parseCompose(text, path);
  return { path, text, document, raw, nodes, variables: variableUses(document, lines) };
}

/** The last of the files that has a key such as `services.app.volumes`: of two it is the one that counts. */
export function fileOf(files: readonly ComposeFile[], key: string): string | undefined {
  const valueIn = (raw: unknown) => key.split(".").reduce((value, part) => asRecord(value)[part], raw);
  return files.findLast(({ raw }) => valueIn(raw) !== undefined)?.path;
}

/** The services of a file as they are written, by key. */
export function servicesOf({ raw }: Pick<ComposeFile, "raw">): Record<string, unknown> {
  return asRecord(asRecord(raw).services);
}

/** A mapping as a record, anything else as an empty one. */
export function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}
