import { readdir } from "node:fs/promises";
import { UserError, UserErrors } from "../../lib/errors.ts";
import type { Setting } from "./setting.ts";

/** Either of them tells abra which recipe an app is of (abra, pkg/app: newApp). */
const RECIPE_KEYS = ["RECIPE", "TYPE"];
/** Names people give the file instead: `env.sample`, `.env.example`, `.env.dist`, `.env`. */
const SIMILAR = /^\.?env([.-]?(sample|samples|example|dist|template|tmpl|default))?$|^(sample|example)\.env$/i;
/** Folders that are looked into for it. */
const FOLDER_LIMIT = 50;

/** The mistake of a recipe that abra can't make an app of, with the file that may be meant to be the sample. */
export async function missingSample(checkout: string): Promise<UserError> {
  const found = await similarFiles(checkout);
  const [first] = found;
  const place = { file: ".env.sample" };
  const message = "is missing, and abra makes no app without it";
  if (first === undefined) {
    return new UserError(message, { place, remedy: "add it, with TYPE and DOMAIN as its first lines" });
  }
  return new UserError(`${message}; there is ${found.join(", ")}`, { place, remedy: `rename ${first} to .env.sample` });
}

/**
 * Refuses an `.env` that does not say which recipe it is of: no command of abra takes such an app.
 * @param file that made the `.env`
 * @throws UserErrors
 */
export function assertNamed(settings: readonly Setting[], file: string, recipe: string): void {
  // What abra.sh exports is read when the recipe is known.
  const known = settings.filter(({ key, place }) => RECIPE_KEYS.includes(key) && place.file !== "abra.sh");
  if (known.some(({ value }) => value !== "")) return;
  const [first] = known;
  const message = first
    ? `${first.key} is empty, and by it abra knows the recipe of an app`
    : "has no TYPE, by which abra knows the recipe of an app";
  const place = first ? { file, line: first.place.line } : { file };
  throw new UserErrors([new UserError(message, { place, remedy: `write TYPE=${recipe}` })]);
}

async function similarFiles(checkout: string): Promise<string[]> {
  const entries = await readdir(checkout, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory() && entry.name !== ".git").slice(0, FOLDER_LIMIT);
  const within = await Promise.all(
    folders.map(async ({ name }) =>
      (await readdir(`${checkout}/${name}`)).map((file) => [file, `${name}/${file}`] as const),
    ),
  );
  const all = [...entries.filter((entry) => entry.isFile()).map(({ name }) => [name, name] as const), ...within.flat()];
  return all
    .filter(([name]) => SIMILAR.test(name) || name === ".env.sample")
    .map(([, path]) => path)
    .slice(0, 5);
}
