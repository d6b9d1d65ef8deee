import { isFilledIn, METADATA_KEYS } from "../readme.ts";
import type { Rule } from "../rule.ts";
import { computeStatus } from "../status.ts";

export const metadataFilledIn: Rule = {
  id: "R007",
  level: "warning",
  title: "The README's metadata is filled in",
  why: "The catalogue shows it to operators who choose a recipe.",
  remedy: `Between <!-- metadata --> and <!-- endmetadata --> give ${METADATA_KEYS.join(", ")}.`,
  check: ({ head, readme }) => {
    if (!head.paths.includes("README.md")) return [{ message: "there is no README.md" }];
    const file = "README.md";
    if (readme.line === undefined) return [{ message: "there is no metadata block", file, line: 1 }];
    return METADATA_KEYS.filter((key) => !isFilledIn(readme.values[key])).map((key) => ({
      message: `${key} is not filled in`,
      kind: "values of the metadata are not filled in",
      file,
      line: readme.values[key]?.line ?? readme.line,
    }));
  },
};

export const metadataTrue: Rule = {
  id: "C025",
  level: "warning",
  title: "The README's metadata is what the recipe shows",
  why: "Operators trust it, above all in what it says of backups and tests.",
  remedy: "Correct the README, or add to the recipe what it claims.",
  check: (context) =>
    computeStatus(context).differences.map(({ message, line }) => ({ message, file: "README.md", line })),
};
