import { together, UserError, UserErrors } from "../../lib/errors.ts";
import type { AppSpec, ConfigSpec, NetworkSpec, SecretSpec, ServiceSpec, VolumeSpec } from "../app-spec.ts";
import { convertVolumes } from "../convert/mounts.ts";
import { assertNetworks, convertNetworks } from "../convert/networks.ts";
import { byKey, finalName } from "../convert/scoped-names.ts";
import type { AppEnv } from "../env/app-env.ts";
import type { CanonicalCompose, CanonicalFile } from "../files/canonical.ts";
import type { ComposeFile } from "../files/compose-file.ts";
import { type DeclaredKind, declaredAt } from "../files/declared.ts";
import { AppContents } from "../files/file-content.ts";
import { configSpecs } from "./configs.ts";
import { assertNames, type NamedObject } from "./name-rules.ts";
import { fileSecrets, type SecretSources, secretSpecs } from "./secrets.ts";
import { soundTemplates } from "./templates.ts";

/** What names come from. */
export interface NamingSources {
  compose: CanonicalCompose;
  services: readonly ServiceSpec[];
  namespace: string;
}

/** What an app's objects are read from. */
export interface ObjectSources extends NamingSources {
  checkout: string;
  files: readonly ComposeFile[];
  app: AppEnv;
}

/** With what looks wrong about them, as warnings. */
type Objects = Pick<AppSpec, "networks" | "volumes" | "secrets" | "configs" | "warnings">;

type Parts = [unknown, unknown, SecretSpec[], SecretSpec[], [ConfigSpec[], string[]]];

/**
 * Everything of an app beside its services, under names that a Swarm takes, with templates that work in the services.
 * @throws UserErrors with all that is wrong about it, with file and key or line
 */
export async function appObjects(sources: ObjectSources): Promise<Objects> {
  const { checkout, compose, files, services, namespace, app } = sources;
  const from = secretSources(sources);
  const contents = new AppContents(checkout);
  const [, , made, held, [configs, warnings]] = await together<Parts>([
    () => assertNames(namedObjects(sources), files),
    () => assertNetworks(convertNetworks(compose, services, namespace), files),
    () => secretSpecs(services, from),
    () => fileSecrets(services, from, contents),
    async () => {
      const read = await configSpecs(compose, files, namespace, contents);
      return [read, soundTemplates(read, services, app)];
    },
  ]);
  const secrets = [...made, ...held].sort(inOrder);
  const once = await together<[NetworkSpec[], VolumeSpec[], SecretSpec[], ConfigSpec[]]>([
    () => distinct("networks", convertNetworks(compose, services, namespace), files),
    () => distinct("volumes", convertVolumes(compose, services, namespace), files),
    () => distinct("secrets", secrets, files),
    () => distinct("configs", configs, files),
  ]);
  return { networks: once[0], volumes: once[1], secrets: once[2], configs: once[3], warnings };
}

/** What is known about an app's secrets; a version set in `ci.ts` alone still has its comment in a line of the sample. */
export function secretSources({ compose, files, namespace, app }: Omit<ObjectSources, "checkout">): SecretSources {
  const optional = [app.sample, app.old].flatMap((env) => env?.optional ?? []);
  return { compose, files, namespace, entries: app.entries, optional };
}

/** What gets a name in the Swarm, or is looked up there by one; even what can't be read. */
export function namedObjects({ compose, services, namespace }: NamingSources): NamedObject[] {
  const used = new Set(services.flatMap(({ secrets }) => secrets.map(({ key }) => key)));
  const secrets = entries(compose.secrets).filter(([key, secret]) => used.has(key) || !secret?.external);
  // Drivers of their own have rules of their own.
  const volumes = convertVolumes(compose, services, namespace).filter(
    ({ external, driver }) => !external && (driver ?? "local") === "local",
  );
  const named = (kind: DeclaredKind, objects: readonly { key: string; name: string }[]): NamedObject[] =>
    objects.map(({ key, name }) => ({ kind, key, name }));
  const files = (objects: [string, CanonicalFile | null][]) =>
    objects.map(([key, object]) => ({ key, name: finalName(object, key, namespace) }));
  return [
    ...named("services", services),
    ...named("networks", convertNetworks(compose, services, namespace)),
    ...named("volumes", volumes),
    ...named("secrets", files(secrets)),
    ...named("configs", files(entries(compose.configs))),
  ];
}

/** Two keys may mean one object, by its name; it comes under the first of them. */
function distinct<T extends { key: string; name: string }>(
  kind: DeclaredKind,
  specs: readonly T[],
  files: readonly ComposeFile[],
): T[] {
  const found = new Map<string, T>();
  const errors: UserError[] = [];
  for (const spec of specs) {
    const other = found.get(spec.name);
    if (!other) found.set(spec.name, spec);
    else if (meaning(other) !== meaning(spec)) {
      const place = declaredAt(files, kind, spec.key);
      const message = `has the name of ${kind}.${other.key}, "${spec.name}", and is not the same`;
      errors.push(new UserError(message, { place, remedy: "give one of them another name" }));
    }
  }
  if (errors.length > 0) throw new UserErrors(errors);
  return [...found.values()];
}

/** All about an object but where it is written. */
function meaning(spec: object): string {
  const { generate, ...rest }: { generate?: object } = spec;
  const nowhere = { key: undefined, file: undefined, versionVariable: undefined };
  return JSON.stringify({ ...rest, ...nowhere, generate: { ...generate, ...nowhere } });
}

function entries(objects: Record<string, CanonicalFile | null> = {}): [string, CanonicalFile | null][] {
  return Object.entries(objects).sort(byKey);
}

function inOrder(left: { key: string }, right: { key: string }): number {
  return byKey([left.key, left], [right.key, right]);
}
