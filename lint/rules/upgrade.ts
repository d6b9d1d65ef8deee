import { describe } from "../../lib/errors.ts";
import { toFinding } from "../findings.ts";
import type { Rule } from "../rule.ts";

export const upgradable: Rule = {
  id: "C042",
  level: "error",
  title: "Operators of the newest release can upgrade with the .env that they have",
  why: "abra copies .env.sample once: what only the new one has is missing, and the upgrade stops or goes half-way.",
  remedy: "Give new variables a default in the compose files, or tell operators in release/next what to set before.",
  check: ({ head, combinations: [first], base, upgradeMistakes }) => {
    if (head !== first || !base) return [];
    // What stops a new app as well has been told.
    const known = new Set([...first.refused, ...first.unreadable].map(describe));
    return upgradeMistakes
      .filter((error) => !known.has(describe(error)))
      .map((error) => {
        const { message, ...rest } = toFinding(head, error);
        return {
          message: message.includes(base.version.text) ? message : `over ${base.version.text}: ${message}`,
          ...rest,
        };
      });
  },
};
