import { UserError, UserErrors } from "../../lib/errors.ts";
import { SECRET_NAME_LIMIT, SERVICE_NAME_LIMIT } from "../../lib/names.ts";
import type { ComposeFile } from "../files/compose-file.ts";
import { type DeclaredKind, declaredAt } from "../files/declared.ts";

/** Something of an app under the name it gets in the Swarm. */
export interface NamedObject {
  kind: DeclaredKind;
  key: string;
  name: string;
}

interface NameRule {
  /** Characters, which are bytes in all names that fit the pattern. */
  limit: number;
  pattern: RegExp;
  characters: string;
}

const LABEL: NameRule = {
  limit: SERVICE_NAME_LIMIT,
  pattern: /^[A-Za-z0-9](?:[\w-]*[A-Za-z0-9])?$/,
  characters: "letters without accents, digits, _ and -, with a letter or digit at both ends",
};
const FILE: NameRule = {
  limit: SECRET_NAME_LIMIT,
  pattern: /^[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?$/,
  characters: "letters without accents, digits, _, . and -, with a letter or digit at both ends",
};

/** As swarmkit (manager/controlapi/common.go) and, for volumes, the engine's driver `local` have it. */
const RULES: Record<DeclaredKind, NameRule> = {
  services: LABEL,
  networks: LABEL,
  secrets: FILE,
  configs: FILE,
  volumes: {
    limit: 255,
    pattern: /^[A-Za-z0-9][\w.-]+$/,
    characters: "two or more letters without accents, digits, _, . and -, with a letter or digit at the front",
  },
};

/** What the Swarm would refuse about a name, and what to do; undefined for a good one. */
export function nameProblem({ kind, name }: NamedObject): { message: string; remedy: string } | undefined {
  const { limit, pattern, characters } = RULES[kind];
  const shown = `name "${name.slice(0, 80)}${name.length > 80 ? "..." : ""}"`;
  const one = kind.slice(0, -1);
  if ((kind === "secrets" || kind === "configs") && name.endsWith("_")) {
    const where = kind === "secrets" ? "SECRET_X_VERSION=v1 in .env.sample" : "export X_VERSION=v1 in abra.sh";
    return { message: `${shown} ends in "_"`, remedy: `its version variable is missing or empty: write ${where}` };
  }
  if (!pattern.test(name)) return { message: `${shown} can't be that of a ${one}`, remedy: `use ${characters}` };
  if (name.length <= limit) return undefined;
  const message = `${shown} has ${name.length} characters, Swarm takes ${limit}`;
  return { message, remedy: `shorten the ${one}'s name` };
}

/** @throws UserErrors for all names that the Swarm would refuse, with file and key */
export function assertNames(objects: readonly NamedObject[], files: readonly ComposeFile[]): void {
  const errors = objects.flatMap((object) => {
    const problem = nameProblem(object);
    if (!problem) return [];
    const place = declaredAt(files, object.kind, object.key);
    return [new UserError(problem.message, { place, remedy: problem.remedy })];
  });
  if (errors.length > 0) throw new UserErrors(errors);
}
