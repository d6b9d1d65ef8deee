import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import { UserError } from "../lib/errors.ts";
import { SECRET_NAME_LIMIT } from "../lib/names.ts";
import type { ConfigSpec, ServiceSpec } from "./app-spec.ts";
import type { CanonicalCompose } from "./canonical.ts";
import { recipeFile } from "./compose-files.ts";
import { byKey, finalName, NAMESPACE_LABEL, sortKeys } from "./convert-names.ts";

/** Longest config Swarm takes, in bytes (swarmkit, manager/controlapi/config.go). */
const CONFIG_LIMIT = 1000 * 1024;

/**
 * The configs that services use, with the exact bytes of their files.
 * @throws UserError for a name Swarm refuses, a file that is missing or outside the recipe, an external config
 */
export async function configSpecs(
  compose: CanonicalCompose,
  services: readonly ServiceSpec[],
  namespace: string,
  checkout: string,
): Promise<ConfigSpec[]> {
  const used = new Set(services.flatMap((service) => service.configs.map(({ key }) => key)));
  for (const { credentialSpec } of services) {
    for (const key of Object.keys(compose.configs ?? {})) {
      if (finalName(compose.configs?.[key], key, namespace) === credentialSpec?.config) used.add(key);
    }
  }
  const specs = [...used].map((key) => configSpec(key, compose, namespace, checkout));
  return (await Promise.all(specs)).sort((a, b) => byKey([a.key, a], [b.key, b]));
}

async function configSpec(
  key: string,
  compose: CanonicalCompose,
  namespace: string,
  checkout: string,
): Promise<ConfigSpec> {
  const config = compose.configs?.[key] ?? {};
  const place = { key: `configs.${key}` };
  const name = finalName(config, key, namespace);
  if (config.external || !config.file) {
    throw new UserError("comes from no file of the recipe", { place, remedy: "give it a file: of the repository" });
  }
  if (name.endsWith("_")) {
    throw new UserError(`name "${name}" ends in "_"`, {
      place,
      remedy: "export its version variable in abra.sh, as a bare word: export X_VERSION=v1",
    });
  }
  if (name.length > SECRET_NAME_LIMIT) {
    const message = `name "${name}" has ${name.length} characters, Swarm takes ${SECRET_NAME_LIMIT}`;
    throw new UserError(message, { place, remedy: "shorten the config's name" });
  }
  const file = relative(checkout, config.file);
  const data = await readFile(await recipeFile(checkout, file, CONFIG_LIMIT, place));
  return {
    key,
    name,
    labels: sortKeys({ ...config.labels, [NAMESPACE_LABEL]: namespace }),
    data: data.toString("base64"),
    file,
    templateDriver: config.template_driver || undefined,
  };
}
