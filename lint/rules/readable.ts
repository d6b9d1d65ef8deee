import { emptyUses } from "../../compose/defined.ts";
import { toFinding } from "../findings.ts";
import type { Rule } from "../rule.ts";
import { missingVersions } from "../secret-versions.ts";

export const filesReadable: Rule = {
  id: "C001",
  level: "error",
  title: "Every file of the recipe can be read",
  why: "abra stops at a file it cannot read, and nothing else in it can be judged.",
  remedy: "Correct the file at this line.",
  check: ({ head }) => head.unreadable.map((error) => toFinding(head, error)),
};

export const mergeable: Rule = {
  id: "C002",
  level: "error",
  title: "docker/cli accepts all compose files together",
  why: "A deployment stops before anything starts; abra's own lint says only 'unable to validate recipe'.",
  remedy: "Correct what docker/cli names.",
  check: ({ head }) => head.refused.map((error) => toFinding(head, error)),
};

export const mergeableWithoutOptions: Rule = {
  id: "C003",
  level: "warning",
  title: "docker/cli accepts all compose files with the sample's variables as they are",
  why: "abra's own lint merges all compose files with .env.sample and stops where an option has no value yet.",
  remedy: `Give the variable a default: \${NAME:-value}.`,
  check: ({ head }) => head.needsOptions.map((error) => toFinding(head, error)),
};

export const variablesDefined: Rule = {
  id: "C004",
  level: "warning",
  title: "Every variable of the compose files is in .env.sample or abra.sh, or has a default",
  why: "docker/cli puts an empty text there without a word.",
  remedy: "Add the variable to .env.sample, commented out if it is an option, or give it a default.",
  check: ({ head, recipe }) => {
    const told = missingVersions(head).map(({ variable }) => variable);
    const files = head.files.map((file) => ({
      ...file,
      variables: file.variables.filter(({ name }) => !told.includes(name)),
    }));
    const optional = new Set(head.optional.map(({ key }) => key));
    return emptyUses(files, { ...head, recipe, optional })
      .filter(({ unmeant }) => unmeant)
      .map(({ file, line, why }) => ({ message: why, file, line }));
  },
};
