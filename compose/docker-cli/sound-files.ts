import { type UserError, UserErrors, userErrors } from "../../lib/errors.ts";
import type { AppEnv } from "../env/app-env.ts";
import { requiredVariables } from "../env/defined.ts";
import { type ComposeFile, readWhatCanBe } from "../files/compose-file.ts";
import { forbiddenKeys } from "../files/forbidden.ts";
import { excesses } from "./bounds.ts";
import { envFileMistakes } from "./env-files.ts";
import { withheldUses } from "./steering-variables.ts";

/**
 * Reads the compose files of an app.
 * @throws UserErrors with all that can be told before docker/cli reads them
 */
export async function soundComposeFiles(checkout: string, app: AppEnv, recipe: string): Promise<ComposeFile[]> {
  const { files, mistakes } = await readWhatCanBe(checkout, app.env, app.origins.get("COMPOSE_FILE"));
  const found = [
    ...mistakes,
    ...requiredVariables(files, { ...app, recipe }),
    ...(await mistakesIn(checkout, files, app.env)),
  ];
  if (found.length > 0) throw new UserErrors(found);
  return files;
}

/**
 * What is wrong with an app's variables, and beside it with `compose.yml`, the one file that is known without them.
 * @throws UserErrors always
 */
export async function refuseVariables(error: unknown, checkout: string): Promise<never> {
  const wrong = userErrors(error);
  const { files, mistakes } = await readWhatCanBe(checkout, {});
  throw new UserErrors([...wrong, ...mistakes, ...(await mistakesIn(checkout, files, {}))]);
}

async function mistakesIn(
  checkout: string,
  files: readonly ComposeFile[],
  env: Readonly<Record<string, string>>,
): Promise<UserError[]> {
  const withoutFiles = [...forbiddenKeys(files), ...withheldUses(files), ...excesses(files, env)];
  return [...withoutFiles, ...(await envFileMistakes(checkout, files))];
}
