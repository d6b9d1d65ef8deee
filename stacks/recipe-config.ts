/** Keys under `recipe-ci:` that stacks/recipe-by-hand.ts reads. */
export const RECIPE_KEYS = [
  "recipe",
  "source",
  "ref",
  "phase",
  "catalogue",
  "baseDomain",
  "placeOn",
  "dockerHost",
] as const;
