import { type UserError, userErrors } from "../lib/errors.ts";
import { locate } from "./places.ts";
import type { RecipeState } from "./recipe-state.ts";
import type { Finding } from "./rule.ts";

/** What `read` throws about the recipe, as findings. */
export function findingsOf(head: RecipeState, read: () => unknown): Finding[] {
  try {
    read();
    return [];
  } catch (error) {
    return userErrors(error).map((one) => toFinding(head, one));
  }
}

/** A mistake as a finding; a place that is only a key, or only in docker/cli's words, is looked up in the files. */
export function toFinding(head: RecipeState, error: UserError): Finding {
  const { file, line, key } = error.place ?? {};
  const inWords = /\b(?:services|networks|volumes|secrets|configs)(?:\.[\w[\]-]+)+/.exec(error.message)?.[0];
  const path = (key ?? inWords)?.split(".") ?? [];
  const message = key && !error.message.includes(key) ? `${key}: ${error.message}` : error.message;
  const known = file !== undefined && head.paths.includes(file);
  if (known && line !== undefined) return { message, file, line, remedy: error.remedy };
  const own = head.files.filter((source) => source.path === file);
  if (known && own.length === 0) return { message, file, line: 1, remedy: error.remedy };
  // Without any compose file there is no line to point at.
  const place = head.files.length === 0 ? undefined : known ? locate(own, path) : head.at(...path);
  return { message, ...place, remedy: error.remedy };
}
