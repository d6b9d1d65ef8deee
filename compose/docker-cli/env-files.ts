import { isUtf8 } from "node:buffer";
import { readFile } from "node:fs/promises";
import { posix } from "node:path";
import { type ErrorPlace, UserError, userErrors } from "../../lib/errors.ts";
import type { CanonicalCompose } from "../files/canonical.ts";
import { asRecord, assertWithin, type ComposeFile, recipeFile, servicesOf } from "../files/compose-file.ts";
import { locate } from "../files/places.ts";
import { isWithheld } from "./steering-variables.ts";

/** Longest `env_file`, in bytes. */
const FILE_LIMIT = 256 << 10;
/** Longest line docker/cli reads of one, in bytes (Go: bufio.MaxScanTokenSize). */
const LINE_LIMIT = 64 << 10;

/**
 * What is wrong with the `env_file`s of all services. docker/cli opens them before it says what it read, would open
 * any file of this machine, and shows a line of it where it takes offence. So, before it runs, each must be a path
 * within the recipe, and each line one that it takes.
 *
 * That it sees no other than these is what {@link assertSeen} makes sure of afterwards.
 */
export async function envFileMistakes(checkout: string, files: readonly ComposeFile[]): Promise<UserError[]> {
  // docker/cli starts from the first file's folder, whatever file names it.
  const folder = posix.dirname(files[0]?.path ?? ".");
  const mistakes = files.flatMap((file) =>
    Object.entries(servicesOf(file)).flatMap(([service, value]) =>
      pathsIn(asRecord(value).env_file).map((path) => {
        const key = `services.${service}.env_file`;
        const place = { ...locate([file], key.split(".")), key };
        return mistakesOf(checkout, folder, path, place);
      }),
    ),
  );
  return (await Promise.all(mistakes)).flat();
}

/**
 * Refuses docker/cli's answer when it opened a file that was not looked at: it then understands the YAML otherwise.
 * @throws UserError
 */
export function assertSeen(compose: CanonicalCompose, files: readonly ComposeFile[]): void {
  const written = files.map(servicesOf);
  for (const [service, { env_file: opened = [] }] of Object.entries(compose.services ?? {})) {
    const seen = new Set(written.flatMap((services) => pathsIn(asRecord(services[service]).env_file)));
    if (opened.every((path) => seen.has(path))) continue;
    throw new UserError("docker/cli reads this otherwise than it is written", {
      place: { file: files.map(({ path }) => path).join(" + "), key: `services.${service}.env_file` },
      remedy: "write the file in plain YAML",
    });
  }
}

async function mistakesOf(checkout: string, folder: string, path: unknown, place: ErrorPlace): Promise<UserError[]> {
  try {
    return await lineMistakes(await envFile(checkout, folder, path, place));
  } catch (error) {
    return [...userErrors(error)];
  }
}

/** Where the file is, and its path within the recipe. */
async function envFile(checkout: string, folder: string, path: unknown, place: ErrorPlace) {
  if (typeof path !== "string") {
    throw new UserError("takes a path, or a list of paths", { place, remedy: "write the path alone" });
  }
  if (path.includes("$"))
    throw new UserError("a path with variables is not taken", { place, remedy: "write the path itself" });
  assertWithin(path, place);
  const file = posix.join(folder, path);
  return { file, found: await recipeFile(checkout, file, FILE_LIMIT, place) };
}

/** As docker/cli reads it (pkg/kvfile). */
async function lineMistakes({ file, found }: { file: string; found: string }): Promise<UserError[]> {
  const bytes = await readFile(found);
  if (!isUtf8(bytes)) {
    return [new UserError("is no UTF-8 text", { place: { file }, remedy: "save the file as UTF-8" })];
  }
  const lines = bytes
    .toString("utf8")
    .replace(/^\ufeff/, "")
    .split("\n");
  return lines.flatMap((line, index) => {
    const wrong = wrongLine(line.trimStart());
    return wrong ? [new UserError(wrong, { place: { file, line: index + 1 }, remedy: "write NAME=value" })] : [];
  });
}

function wrongLine(line: string): string | undefined {
  if (Buffer.byteLength(line) >= LINE_LIMIT) return `has a line of more than ${LINE_LIMIT} bytes`;
  if (line === "" || line.startsWith("#")) return undefined;
  const [name = ""] = line.split("=", 1);
  if (name === "") return "has a value without a name";
  if (/[ \t]/.test(name)) return "has white space in a name, or no = at all";
  const missing = isWithheld(name) && !line.includes("=");
  return missing ? `names ${name} without its value, which docker/cli can't be told` : undefined;
}

function pathsIn(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value ?? []].flat();
}
