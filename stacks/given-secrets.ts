import { CheckFailure } from "../checks/check-failure.ts";
import type { AppSpec, SecretSpec } from "../compose/app-spec.ts";
import { missingValue, secretVariable } from "../compose/objects/secret-values.ts";
import { describe } from "../lib/errors.ts";
import type { SecretOf } from "../recipes/define-recipe.ts";
import type { SettledDefinition } from "../recipes/settle.ts";

/**
 * The value given for a secret, by the environment or by the recipe's definition; undefined for none, or an empty one.
 * A dependency's is known when the stack is deployed.
 */
export function givenSecret(definition: SettledDefinition, { key }: SecretSpec): string | SecretOf | undefined {
  return process.env[secretVariable(key)] || definition.secrets?.[key] || undefined;
}

/** Whether a secret holds what an identity provider gives its client. */
export function isIssued({ signsOn }: Pick<SettledDefinition, "signsOn">, { key }: Pick<SecretSpec, "key">): boolean {
  return signsOn?.idToCome !== undefined && signsOn.secretKey === key;
}

/** @throws CheckFailure for secrets that the recipe forbids to generate and nobody gives: for each how to give it */
export function assertSecretsGiven(definition: SettledDefinition, apps: AppSpec[]): void {
  const missing = apps
    .flatMap((app) => app.secrets)
    .filter((secret) => !secret.generate.enabled && !secret.content && !isIssued(definition, secret))
    .filter((secret) => givenSecret(definition, secret) === undefined)
    .map((secret) => describe(missingValue(secret)));
  if (missing.length > 0) throw new CheckFailure([...new Set(missing)].join("\n"), { owner: "author" });
}
