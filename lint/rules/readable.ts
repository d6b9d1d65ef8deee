import { toFinding } from "../findings.ts";
import type { RecipeState } from "../recipe-state.ts";
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

export const loadable: Rule = {
  id: "C002",
  level: "error",
  title: "The recipe can be loaded as .env.sample is, and with each option that it offers",
  why: "A deployment stops before anything starts; abra's own lint says only 'unable to validate recipe'.",
  remedy: "Correct what is named; recipe-ci render, plan and run stop at it as well.",
  check: ({ head }) => (head.offer.unnamed ? [] : head.refused.map((error) => toFinding(head, error))),
};

export const loadableWithoutOptions: Rule = {
  id: "C003",
  level: "warning",
  title: "Every option of .env.sample works once its own paragraph is uncommented",
  why: "It can't be deployed until another option has a value, and nothing tells the operator which.",
  remedy: `Give the variable a default, \${NAME:-value}, or put its line beside the COMPOSE_FILE line that needs it.`,
  check: ({ head }) => head.needsOptions.map((error) => toFinding(head, error)),
};

export const variablesDefined: Rule = {
  id: "C004",
  level: "warning",
  title: "Every variable of the compose files is in .env.sample or abra.sh, or has a default",
  why: "docker/cli puts an empty text there without a word.",
  remedy: "Add the variable to .env.sample, commented out if it is an option, or give it a default.",
  claims: /variable \S+ is defined nowhere/,
  check: ({ head }) => {
    const told = missingVersions(head).map(({ variable }) => variable);
    const known = new Set([...told, ...Object.keys(head.env), ...head.optional.map(({ key }) => key)]);
    return head.files.flatMap((file) =>
      file.variables
        // What is required is refused where it is missing.
        .filter(({ name, hasDefault, required }) => !hasDefault && required === undefined && !known.has(name))
        .map(({ name, line }) => ({
          message: `variable ${name} is defined nowhere${untaken(head, name)}`,
          file: file.path,
          line,
        })),
    );
  },
};

/** What of `abra.sh` looks as if it defined a variable. */
function untaken({ unseen }: RecipeState, name: string): string {
  const found = unseen.findLast(({ key }) => key === name);
  return found ? `: abra does not take ${found.text} of abra.sh:${found.line}, ${found.why}` : "";
}
