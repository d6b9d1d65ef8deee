import { UserError } from "../../lib/errors.ts";
import type { ConfigSpec } from "../app-spec.ts";
import { byKey, finalName, NAMESPACE_LABEL, sortKeys } from "../convert/scoped-names.ts";
import type { CanonicalCompose, CanonicalFile } from "../files/canonical.ts";
import type { ComposeFile } from "../files/compose-file.ts";
import { declaredAt, versionVariable, withPlace, writtenName } from "../files/declared.ts";
import { type AppContents, inTurn } from "../files/file-content.ts";
import { TEMPLATE_DRIVER } from "./templates.ts";

/**
 * Every config that is declared, with the exact bytes of its file: `docker stack deploy` makes it, used or not.
 * @throws UserErrors for a file that is missing, outside the recipe, empty or too long, and for a driver of templates
 *   that Swarm does not have
 */
export async function configSpecs(
  compose: CanonicalCompose,
  files: readonly ComposeFile[],
  namespace: string,
  contents: AppContents,
): Promise<ConfigSpec[]> {
  return inTurn(Object.entries(compose.configs ?? {}).sort(byKey), async ([key, declared]) => {
    const config = declared ?? {};
    const variable = versionVariable(writtenName(files, "configs", key));
    const common = { key, name: finalName(config, key, namespace), versionVariable: variable };
    if (config.external) {
      return { ...common, external: true, labels: {}, data: "", file: declaredAt(files, "configs", key).file };
    }
    try {
      return { ...common, ...(await ownConfig(config, namespace, contents)) };
    } catch (error) {
      throw withPlace(error, files, "configs", key);
    }
  });
}

async function ownConfig(
  { file: path, labels, template_driver: driver }: CanonicalFile,
  namespace: string,
  contents: AppContents,
): Promise<Pick<ConfigSpec, "external" | "labels" | "data" | "file" | "templateDriver">> {
  if (!path) throw new UserError("comes from no file of the recipe", { remedy: "give it a file: of the repository" });
  if (driver && driver !== TEMPLATE_DRIVER) {
    throw new UserError(`template_driver "${driver}" is unknown to Swarm, which rejects every task`, {
      remedy: `write template_driver: ${TEMPLATE_DRIVER}, or take it out`,
    });
  }
  return {
    external: false,
    labels: sortKeys({ ...labels, [NAMESPACE_LABEL]: namespace }),
    ...(await contents.of(path, "configs")),
    templateDriver: driver || undefined,
  };
}
