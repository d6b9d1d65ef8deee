import type { AppSpec, SecretSpec } from "../compose/app-spec.ts";
import type { RecipeDefinition } from "../recipes/define-recipe.ts";

/** Variable that gives a secret's value: `RECIPE_CI_SECRET_` and its key in upper case. */
export function secretVariable(key: string): string {
  return `RECIPE_CI_SECRET_${key.toUpperCase().replaceAll(/[^A-Z0-9]+/g, "_")}`;
}

/** The value given for a secret, by the environment or by the recipe's definition; undefined when none is. */
export function givenSecret(definition: RecipeDefinition, { key }: SecretSpec): string | undefined {
  return process.env[secretVariable(key)] ?? definition.secrets?.[key];
}

/** Secrets that the recipe forbids to generate and nobody gives: one sentence each that says how to give them. */
export function missingSecrets(definition: RecipeDefinition, apps: AppSpec[]): string[] {
  const missing = apps
    .flatMap((app) => app.secrets)
    .filter((secret) => !secret.generate.enabled && givenSecret(definition, secret) === undefined)
    .map(
      ({ key, generate }) =>
        `secret ${key} has no value: ${generate.versionVariable ?? "the recipe"} says generate=false; set ${secretVariable(key)}, or secrets.${key} in recipes/${definition.name}/ci.ts`,
    );
  return [...new Set(missing)];
}
