import type { Rule } from "../rule.ts";

export const released: Rule = {
  id: "R006",
  level: "warning",
  title: "The recipe has a published version",
  why: "The catalogue lists releases only; without one every deployment is a chaos deployment.",
  remedy: "Make one with abra recipe release.",
  check: ({ releases }) =>
    releases.releases.length > 0
      ? []
      : [{ message: "no annotated release tag x.y.z+app (judged by the repository; the catalogue is not asked)" }],
};

export const hosted: Rule = {
  id: "R013",
  level: "warning",
  title: "The recipe's repository is published",
  why: "abra fetches recipes from their repository.",
  remedy: "Push the repository to git.coopcloud.tech, or wherever its users fetch it from.",
  check: ({ origin }) =>
    origin ? [] : [{ message: "the source has no remote origin (whether one is reachable is not tried)" }],
};

export const annotatedTags: Rule = {
  id: "R014",
  level: "error",
  title: "Every tag is annotated",
  why: "abra refuses to deploy from a recipe with lightweight tags.",
  remedy: "Make it anew: git tag -d <tag>, git tag -a <tag>, and push it with --force.",
  // abra looks at every tag of the repository, whatever it is called (R014 of abra recipe lint).
  check: ({ releases: { lightweight } }) =>
    lightweight.map((tag) => ({ message: `tag ${tag} is lightweight`, kind: "tags are lightweight" })),
};
