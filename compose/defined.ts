import { UserError, UserErrors } from "../lib/errors.ts";
import { type AppEnv, definitionFile } from "./app-env.ts";
import type { ComposeFile } from "./compose-files.ts";
import type { VariableUse } from "./variables.ts";

/** The variables of an app, as far as it matters whether one is there. */
export interface KnownVariables extends Pick<AppEnv, "env" | "optional"> {
  recipe: string;
  /** Exports of `abra.sh` that abra does not take. Default: not known. */
  unseen?: AppEnv["unseen"];
  origins?: AppEnv["origins"];
  from?: string;
}

/**
 * Refuses variables that no one defines: docker/cli would put an empty string there without a word.
 * A variable that is only commented out in `.env.sample` is an option left out, and empty on purpose.
 * @throws UserErrors with every such place
 */
export function assertDefined(files: readonly ComposeFile[], known: KnownVariables): void {
  const errors = files.flatMap((file) =>
    file.variables.flatMap((use) => {
      const problem = problemOf(use, known);
      if (!problem) return [];
      const place = { file: file.path, line: use.line };
      return [new UserError(problem.message, { place, remedy: problem.remedy })];
    }),
  );
  if (errors.length > 0) throw new UserErrors(errors);
}

interface Problem {
  message: string;
  remedy: string;
}

/** What is wrong with a use of a variable; undefined for one that has a value, a default, or is an option. */
function problemOf(use: Omit<VariableUse, "line">, known: KnownVariables): Problem | undefined {
  const { name, hasDefault, required } = use;
  if (Object.hasOwn(known.env, name)) {
    return use.notEmpty && known.env[name] === "" ? empty(name, required ?? "", known) : undefined;
  }
  if (hasDefault || (required === undefined && known.optional.has(name))) return undefined;
  const why = required ? ` (${required})` : "";
  return known.from ? lacking(name, why, known.from, known) : undefinedVariable(name, why, known);
}

function empty(name: string, why: string, { origins, recipe, from }: KnownVariables): Problem {
  const { file, line, key } = origins?.get(name) ?? {};
  const where = [line ? `${file}:${line}` : file, key].filter(Boolean).join(" ");
  const field = from ? "upgradeEnv" : "env";
  return {
    message: `variable ${name} is empty${where ? ` in ${where}` : ""} (${why})`,
    remedy: `give ${name} a value there, or in ${field} of ${definitionFile(recipe)} if operators have to`,
  };
}

/** The sample of head knows it, or a new installation would have failed before. */
function lacking(name: string, why: string, from: string, { recipe }: KnownVariables): Problem {
  return {
    message: `variable ${name} is not in the .env of operators who come from ${from}${why}`,
    remedy: `give it a default: \${${name}:-...}, or set it in upgradeEnv of ${definitionFile(recipe)} and tell operators so in a release note`,
  };
}

function undefinedVariable(name: string, why: string, { recipe, unseen }: KnownVariables): Problem {
  const line = unseen?.findLast(({ key }) => key === name);
  if (line) {
    return {
      message: `variable ${name} is defined nowhere${why}: abra does not take ${line.text} of abra.sh:${line.line}, ${line.why}`,
      remedy: `write it there at the start of a line, with a bare word: export ${name}=v1`,
    };
  }
  const remedy = why
    ? `add ${name} to .env.sample, or to env of ${definitionFile(recipe)} if operators have to set it`
    : `add ${name} to .env.sample, or give it a default: \${${name}:-...}`;
  return { message: `variable ${name} is defined nowhere${why}`, remedy };
}
