import type { EnvEntry } from "../compose/env/env-file.ts";
import { readComposeFiles } from "../compose/files/compose-file.ts";
import { UserError, userErrors } from "../lib/errors.ts";
import type { ComposeSource } from "./places.ts";

/** The compose files of a recipe that can be read, and why the others can't. */
export interface Sources {
  files: ComposeSource[];
  unreadable: UserError[];
}

/** Reads the `compose*.yml` of the root, `compose.yml` first, then what a COMPOSE_FILE of the sample names elsewhere. */
export async function readSources(
  checkout: string,
  paths: readonly string[],
  sample: readonly EnvEntry[],
): Promise<Sources> {
  const root = paths.filter((path) => /^compose[^/]*\.ya?ml$/.test(path));
  const named = sample
    .filter(({ key }) => key === "COMPOSE_FILE")
    .flatMap(({ value }) => value.split(":"))
    .filter((path) => paths.includes(path));
  const first = root.includes("compose.yml") ? ["compose.yml"] : [];
  const files: ComposeSource[] = [];
  const unreadable: UserError[] = [];
  for (const path of new Set([...first, ...root, ...named])) {
    try {
      files.push(...(await readComposeFiles(checkout, { COMPOSE_FILE: path })));
    } catch (error) {
      unreadable.push(...userErrors(error).map((one) => inFile(one, path)));
    }
  }
  return { files, unreadable };
}

/** What is wrong with the file as a whole is told at the file, not at the COMPOSE_FILE made up to read it alone. */
function inFile(error: UserError, file: string): UserError {
  if (error.place?.key !== "COMPOSE_FILE") return error;
  return new UserError(error.message, { place: { file }, remedy: error.remedy, cause: error });
}
