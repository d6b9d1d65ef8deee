import { STACK_NAME_LIMIT } from "../../compose/env/stack-name.ts";
import { assertNames, nameProblem } from "../../compose/objects/name-rules.ts";
import { namedObjects } from "../../compose/objects/objects.ts";
import { findingsOf } from "../findings.ts";
import type { RecipeState } from "../recipe-state.ts";
import type { Rule } from "../rule.ts";
import { isLeftOut } from "../secret-versions.ts";

export const namesFit: Rule = {
  id: "C021",
  level: "warning",
  title: "Every name is short enough for the longest stack name, 45 characters",
  why: "Swarm refuses longer names: the recipe cannot be deployed under a long domain.",
  remedy: "Shorten the name.",
  check: ({ head }) =>
    named(head).flatMap(({ kind, key, name }) => {
      const own = `${head.namespace}_`;
      if (!name.startsWith(own) || nameProblem({ kind, key, name })) return [];
      const longest = `${"x".repeat(STACK_NAME_LIMIT)}_${name.slice(own.length)}`;
      if (!nameProblem({ kind, key, name: longest })) return [];
      const message = `${kind.slice(0, -1)} ${key}: its name has ${longest.length} characters for a stack name of ${STACK_NAME_LIMIT}`;
      return [{ message, kind: "names may become too long", ...head.at(kind, key, "name") }];
    }),
};

export const namesTaken: Rule = {
  id: "C027",
  level: "error",
  title: "Every name is one that a Swarm takes",
  why: "Swarm refuses it as the app is deployed.",
  remedy: "Use letters, digits, _ and -, and no more than 63 characters.",
  // Secrets are judged by another rule, with all else about them.
  check: ({ head }) => {
    const others = named(head).filter(({ kind }) => kind !== "secrets");
    return findingsOf(head, () => assertNames(others, head.files));
  },
};

function named(head: RecipeState) {
  const { merged: compose = {}, services, namespace } = head;
  return namedObjects({ compose, services, namespace }).filter(
    ({ kind, key }) => (kind !== "secrets" && kind !== "configs") || !isLeftOut(head, kind, key),
  );
}
