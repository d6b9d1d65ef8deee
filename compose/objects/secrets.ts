import { UserError, UserErrors } from "../../lib/errors.ts";
import type { SecretGeneration, SecretSpec, ServiceSpec } from "../app-spec.ts";
import { byKey, finalName, NAMESPACE_LABEL, sortKeys } from "../convert/scoped-names.ts";
import type { EnvEntry } from "../env/env-file.ts";
import type { CanonicalCompose } from "../files/canonical.ts";
import type { ComposeFile } from "../files/compose-file.ts";
import { declaredAt, versionVariable, withPlace, writtenName } from "../files/declared.ts";
import { type AppContents, CONTENT_LIMIT, inTurn } from "../files/file-content.ts";
import { charsetWarning, lengthOf, lengthWarning } from "./secret-values.ts";

/** Where secrets are declared, and how abra is to make them. */
export interface SecretSources {
  compose: CanonicalCompose;
  files: readonly ComposeFile[];
  namespace: string;
  /** Lines of `.env`; the comments of those with versions say how values are made. */
  entries: readonly EnvEntry[];
  /** The same that are only commented out, for a version that is set elsewhere. */
  optional: readonly EnvEntry[];
}

/**
 * Every external secret that a service uses, which abra makes, and how. The version variable is the last variable of
 * the secret's `name:`; its comment in `.env.sample` says length, charset and whether to generate at all.
 * @throws UserErrors for comments that abra could not follow
 */
export function secretSpecs(services: readonly ServiceSpec[], sources: SecretSources): SecretSpec[] {
  const users = usersByName(services);
  const errors: UserError[] = [];
  const used = new Map(services.flatMap((service) => service.secrets.map(({ key, name }) => [key, name] as const)));
  const external = [...used].filter(([key]) => sources.compose.secrets?.[key]?.external);
  const specs = external.sort(byKey).map(([key, name]): SecretSpec => {
    const template = writtenName(sources.files, "secrets", key);
    const { generate, problem } = generation(versionVariable(template), sources);
    errors.push(...(problem ? [problem] : []));
    const version = name.slice(name.lastIndexOf("_") + 1);
    return { key, name, labels: {}, version, users: users.get(name) ?? [], generate };
  });
  if (errors.length > 0) throw new UserErrors(errors);
  return specs;
}

/**
 * The secrets that the recipe holds itself: `docker stack deploy` makes each of them, used or not.
 * @throws UserErrors for files that are missing, empty or too long, and for what has no file
 */
export async function fileSecrets(
  services: readonly ServiceSpec[],
  { compose, files, namespace }: SecretSources,
  contents: AppContents,
): Promise<SecretSpec[]> {
  const users = usersByName(services);
  const held = Object.entries(compose.secrets ?? {}).filter(([, secret]) => !secret?.external);
  return inTurn(held.sort(byKey), async ([key, secret]) => {
    try {
      if (!secret?.file || secret.driver || secret.template_driver) throw unmakeable();
      const name = finalName(secret, key, namespace);
      return {
        key,
        name,
        labels: sortKeys({ ...secret.labels, [NAMESPACE_LABEL]: namespace }),
        users: users.get(name) ?? [],
        generate: { enabled: false },
        content: await contents.of(secret.file, "secrets"),
      };
    } catch (error) {
      throw withPlace(error, files, "secrets", key);
    }
  });
}

/** What abra says nothing of, or stops at without a good word. */
export function secretWarnings(secrets: readonly SecretSpec[], compose: CanonicalCompose): string[] {
  const made = secrets.flatMap(({ key, generate }) =>
    [charsetWarning(generate), lengthWarning(generate.length)].flatMap((warning) =>
      warning ? [`secret ${key}: ${warning}`] : [],
    ),
  );
  const known = new Set(secrets.map(({ key }) => key));
  const unversioned = Object.entries(compose.secrets ?? {})
    .filter(([key, secret]) => !known.has(key) && secret?.external && secret.name?.endsWith("_"))
    .map(([key]) => `secret ${key}: no service uses it, but abra may stop at its name, which has no version`);
  return [...made, ...unversioned];
}

/** What abra and docker take of secrets that services use, and is likely no one's wish, with its place and a remedy. */
export function doubtfulSecrets(
  services: readonly ServiceSpec[],
  { compose, files, namespace }: Pick<SecretSources, "compose" | "files" | "namespace">,
): UserError[] {
  const used = new Map(services.flatMap((service) => service.secrets.map(({ key, name }) => [key, name] as const)));
  return [...used].sort(byKey).flatMap(([key, name]) => {
    const variable = `SECRET_${key.toUpperCase().replaceAll(/\W/g, "_")}_VERSION`;
    const doubt = (message: string, remedy: string) => [
      new UserError(message, { place: declaredAt(files, "secrets", key), remedy }),
    ];
    const secret = compose.secrets?.[key];
    if (!secret?.external) return doubt("its value lies open in the recipe", "write external: true, and abra makes it");
    const remedy = `write name: \${STACK_NAME}_${key}_\${${variable}}, and ${variable}=v1 in .env.sample`;
    if (!name.startsWith(`${namespace}_`)) {
      return doubt(`name "${name}" is not the app's own, and all apps on a Swarm share the value`, remedy);
    }
    if (hasVersion(name, writtenName(files, "secrets", key))) return [];
    return doubt(`name "${name}" has no version, so its value can never be changed`, remedy);
  });
}

function unmakeable(): UserError {
  return new UserError("is neither external nor a plain file", {
    remedy: "add external: true, and abra makes it; or give it a file: of the recipe",
  });
}

/** A name that ends in `_` has lost its version, which is told with the other rules of names. */
function hasVersion(name: string, template: string): boolean {
  // No more than the end: the pattern takes long for a long text.
  const [, variable] = /_\$\{?(\w+)(?::?[-?][^}]*)?\}?$/.exec(template.slice(-200)) ?? [];
  return name.endsWith("_") || (variable !== undefined && variable !== "STACK_NAME") || /_v?\d[\w.-]*$/i.test(name);
}

function usersByName(services: readonly ServiceSpec[]): Map<string, SecretSpec["users"]> {
  const users = new Map<string, SecretSpec["users"]>();
  for (const { key, secrets } of services) {
    for (const { name, file } of secrets) {
      const known = users.get(name) ?? [];
      known.push({ service: key, file });
      users.set(name, known);
    }
  }
  return users;
}

function generation(
  variable: string | undefined,
  { entries, optional }: SecretSources,
): { generate: SecretGeneration; problem?: UserError } {
  const isMeant = ({ key }: EnvEntry) => key === variable;
  const entry = entries.findLast(isMeant) ?? optional.findLast(isMeant);
  const { length: written, charset, generate } = entry?.modifiers ?? {};
  const length = written === undefined ? undefined : lengthOf(written);
  const place = { file: ".env.sample", line: entry?.line, key: variable };
  const refuse = (message: string) => new UserError(message, { place, remedy: "write e.g. # length=32" });
  return {
    generate: { enabled: generate !== "false", length, charset, versionVariable: variable },
    problem:
      written !== undefined && length === undefined
        ? refuse(`length=${written} is no number of characters`)
        : (length ?? 0) > CONTENT_LIMIT.secrets
          ? refuse(`length=${written} is more than the ${CONTENT_LIMIT.secrets} bytes that a secret may have`)
          : undefined,
  };
}
