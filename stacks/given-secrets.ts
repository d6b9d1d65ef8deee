import { CheckFailure } from "../checks/check-failure.ts";
import type { AppSpec, SecretSpec } from "../compose/app-spec.ts";
import { missingValue, secretVariable } from "../compose/objects/secret-values.ts";
import { describe } from "../lib/errors.ts";
import type { SecretOf } from "../recipes/define-recipe.ts";
import type { SettledDefinition } from "../recipes/settle.ts";

/** Characters of a client's secret where its recipe says no length. */
const CLIENT_SECRET_LENGTH = 40;

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

/**
 * A secret as it is made in a run. A client's at its identity provider is made even where the recipe forbids to generate
 * it: operators have it from there, and here it is told to the provider.
 */
export function toGenerate({ signsOn }: Pick<SettledDefinition, "signsOn">, secret: SecretSpec): SecretSpec {
  if (signsOn?.secretKey !== secret.key || secret.generate.enabled) return secret;
  return {
    ...secret,
    generate: { ...secret.generate, enabled: true, length: secret.generate.length ?? CLIENT_SECRET_LENGTH },
  };
}

/** @throws CheckFailure for secrets that the recipe forbids to generate and nobody gives: for each how to give it */
export function assertSecretsGiven(definition: SettledDefinition, apps: AppSpec[]): void {
  const missing = apps
    .flatMap((app) => app.secrets)
    .filter((secret) => !toGenerate(definition, secret).generate.enabled && !secret.content)
    .filter((secret) => givenSecret(definition, secret) === undefined)
    .map((secret) => describe(missingValue(secret)));
  if (missing.length > 0) throw new CheckFailure([...new Set(missing)].join("\n"), { owner: "author" });
}
