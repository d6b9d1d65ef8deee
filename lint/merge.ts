import type { CanonicalCompose } from "../compose/canonical.ts";
import { type EnvEntry, envRecord } from "../compose/env.ts";
import { forbiddenKeys } from "../compose/forbidden.ts";
import { type DockerCli, stackConfig } from "../compose/stack-config.ts";
import { withheldUses } from "../compose/withheld.ts";
import { UserError, userErrors } from "../lib/errors.ts";
import type { ComposeSource } from "./places.ts";

export interface MergeOptions {
  checkout: string;
  files: readonly ComposeSource[];
  env: Readonly<Record<string, string>>;
  optional: readonly EnvEntry[];
  dockerCli: DockerCli;
  signal?: AbortSignal;
}

export interface Merging {
  merged?: CanonicalCompose;
  refused: UserError[];
  needsOptions: UserError[];
}

type Attempt = { compose: CanonicalCompose } | { errors: readonly UserError[] };

/**
 * Merges every compose file of the root, as `abra recipe lint` does, and what COMPOSE_FILE enables in other folders.
 * Options of the sample get the values it suggests where nothing works without them. When docker/cli refuses all
 * together, what an operator gets by default is taken, so that the other rules still have something to look at.
 */
export async function mergeFiles(options: MergeOptions): Promise<Merging> {
  const { env } = options;
  const enabled = (env.COMPOSE_FILE ?? "").split(":").filter(Boolean);
  const all = options.files.map((file) => file.path).filter((path) => !path.includes("/") || enabled.includes(path));
  if (!all.includes("compose.yml")) return { refused: [], needsOptions: [] };
  const strict = await attempt(all, env, options);
  if ("compose" in strict) return { merged: strict.compose, refused: [], needsOptions: [] };
  const withOptions = await attempt(all, { ...envRecord(options.optional), ...env }, options);
  if ("compose" in withOptions) {
    return { merged: withOptions.compose, refused: [], needsOptions: [...strict.errors] };
  }
  const refused = [...withOptions.errors];
  for (const paths of [enabled, ["compose.yml"]]) {
    const fewer = paths.length > 0 && (await attempt(paths, env, options));
    if (fewer && "compose" in fewer) return { merged: fewer.compose, refused, needsOptions: [] };
  }
  return { refused, needsOptions: [] };
}

async function attempt(
  paths: readonly string[],
  env: Readonly<Record<string, string>>,
  { checkout, files, dockerCli, signal }: MergeOptions,
): Promise<Attempt> {
  const chosen = paths.flatMap((path) => files.find((file) => file.path === path) ?? []);
  if (chosen.length < paths.length) return { errors: [new UserError("a compose file could not be read")] };
  const errors = [...forbiddenKeys(chosen), ...withheldUses(chosen)];
  if (errors.length > 0) return { errors };
  try {
    const { compose } = await stackConfig({ checkout, files: chosen, env, dockerCli, signal });
    return { compose };
  } catch (error) {
    return { errors: userErrors(error) };
  }
}
