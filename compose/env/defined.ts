import { UserError } from "../../lib/errors.ts";
import type { ComposeFile } from "../files/compose-file.ts";
import type { VariableUse } from "../files/variables.ts";
import { type AppEnv, definitionFile } from "./app-env.ts";

/** The variables of an app, as far as it matters whether one is there. */
export interface KnownVariables extends Pick<AppEnv, "env" | "optional"> {
  recipe: string;
  /** Exports of `abra.sh` that abra does not take. Default: not known. */
  unseen?: AppEnv["unseen"];
  origins?: AppEnv["origins"];
  /** The recipe's own sample, where the `.env` is of another one. Default: not known. */
  sample?: AppEnv["sample"];
  from?: string;
}

/** A place where docker/cli puts an empty text in for a variable, and why that one is empty. */
export interface EmptyUse {
  name: string;
  file: string;
  line: number;
  key?: string;
  aliases?: readonly string[];
  /** Nobody can have meant it: the variable is defined nowhere, or not in the `.env` that operators have. */
  unmeant: boolean;
  /** A sentence without its end. */
  why: string;
  remedy: string;
}

/**
 * The variables that must be there by the recipe's own word (`${X:?why}`), and are not: docker/cli refuses them.
 * Any other that nobody defines is an empty text to it, see {@link emptyUses}.
 */
export function requiredVariables(files: readonly ComposeFile[], known: KnownVariables): UserError[] {
  return files.flatMap((file) =>
    file.variables.flatMap((use) => {
      const { required = "", notEmpty } = use;
      const isMissing = !Object.hasOwn(known.env, use.name) || (notEmpty && known.env[use.name] === "");
      if (use.required === undefined || !isMissing) return [];
      const { why, remedy } = reasonFor(use, known, required);
      const told = required ? `${why} (${required})` : why;
      return [new UserError(told, { place: { file: file.path, line: use.line }, remedy })];
    }),
  );
}

/** Every place where a variable leaves an empty text: whether that is a mistake, only the result can tell. */
export function emptyUses(files: readonly ComposeFile[], known: KnownVariables): EmptyUse[] {
  return files.flatMap((file) =>
    file.variables
      .filter(({ name, hasDefault, required }) => !hasDefault && required === undefined && !known.env[name])
      .map((use) => {
        const { name, line, key, aliases } = use;
        const unmeant = !Object.hasOwn(known.env, name) && !known.optional.has(name);
        return { name, file: file.path, line, key, aliases, unmeant, ...reasonFor(use, known) };
      }),
  );
}

/** One line for each variable that a file uses and nobody defines, with all lines where it does. */
export function emptyWarnings(uses: readonly EmptyUse[]): string[] {
  const found = new Map<string, { use: EmptyUse; lines: Set<number> }>();
  for (const use of uses.filter(({ unmeant }) => unmeant)) {
    const id = `${use.file} ${use.name} ${use.remedy}`;
    const known = found.get(id) ?? { use, lines: new Set() };
    found.set(id, { ...known, lines: known.lines.add(use.line) });
  }
  return [...found.values()].map(
    ({ use: { file, why, remedy }, lines }) =>
      `${file}:${[...lines].join(", ")}: ${why}, and docker puts an empty text there: ${remedy}`,
  );
}

/** Why a variable is empty, and what to do. */
function reasonFor(use: VariableUse, known: KnownVariables, required?: string): Pick<EmptyUse, "why" | "remedy"> {
  const { name } = use;
  if (Object.hasOwn(known.env, name)) return empty(name, known);
  if (known.optional.has(name) && required === undefined) {
    return {
      why: `variable ${name} is empty, an option that .env.sample leaves out`,
      remedy: `give it a default: \${${name}:-...}, or take the # before ${name} in .env.sample away`,
    };
  }
  const isNew = known.from !== undefined && (known.sample?.entries.some(({ key }) => key === name) ?? true);
  return isNew ? lacking(name, known.from ?? "", known) : undefinedVariable(use, known, required);
}

function empty(name: string, { origins, recipe, from }: KnownVariables): Pick<EmptyUse, "why" | "remedy"> {
  const { file, line, key } = origins?.get(name) ?? {};
  const where = [line ? `${file}:${line}` : file, key].filter(Boolean).join(" ");
  const field = from ? "upgradeEnv" : "env";
  return {
    why: `variable ${name} is empty${where ? ` in ${where}` : ""}`,
    remedy: `give ${name} a value there, or in ${field} of ${definitionFile(recipe)} if operators have to`,
  };
}

/** The sample of head knows it, so a new installation has it. */
function lacking(name: string, from: string, { recipe }: KnownVariables): Pick<EmptyUse, "why" | "remedy"> {
  return {
    why: `variable ${name} is not in the .env of operators who come from ${from}`,
    remedy: `give it a default: \${${name}:-...}, or tell operators in a release note to set ${name}, and set it in upgradeEnv of ${definitionFile(recipe)}`,
  };
}

function undefinedVariable(
  use: VariableUse,
  { recipe, unseen }: KnownVariables,
  required?: string,
): Pick<EmptyUse, "why" | "remedy"> {
  const { name } = use;
  const line = unseen?.findLast(({ key }) => key === name);
  if (line) {
    return {
      why: `variable ${name} is defined nowhere: abra does not take ${line.text} of abra.sh:${line.line}, ${line.why}`,
      remedy: `write it there at the start of a line, with a bare word: export ${name}=v1`,
    };
  }
  return { why: `variable ${name} is defined nowhere`, remedy: definition(use, recipe, required) };
}

function definition(use: VariableUse, recipe: string, required?: string): string {
  const { name, key = "" } = use;
  if (required) return `add ${name} to .env.sample, or to env of ${definitionFile(recipe)} if operators have to set it`;
  if (/^configs\..+\.name$/.test(key)) return `write export ${name}=v1 in abra.sh`;
  if (/^secrets\..+\.name$/.test(key)) return `write ${name}=v1 in .env.sample`;
  const inShell = `write $$${name} if the shell in the container is to see $${name}`;
  const added = `add ${name} to .env.sample, or give it a default: \${${name}:-...}`;
  if (!isForShell(use)) return added;
  return name === name.toLowerCase() ? inShell : `${inShell}; else ${added}`;
}

/** Part of a text that a shell in the container reads, or a name as only scripts have them. */
function isForShell({ name, key = "" }: VariableUse): boolean {
  const isRun = /^services\..+\.(command|entrypoint|healthcheck\.test)(\.\d+)?$/.test(key);
  return isRun || name === name.toLowerCase();
}
