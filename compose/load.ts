import { readFile, realpath } from "node:fs/promises";
import { UserError } from "../lib/errors.ts";
import { abraShExports } from "./abra-sh.ts";
import { asAbraDeploys, labelledVersion, timeoutSeconds } from "./app-labels.ts";
import type { AppSpec, ServiceSpec } from "./app-spec.ts";
import type { CanonicalCompose } from "./canonical.ts";
import { assertDefined, checkEnvFiles, readComposeFiles, recipeFile } from "./compose-files.ts";
import { configSpecs } from "./configs.ts";
import { convertService } from "./convert.ts";
import { convertVolumes } from "./convert-mounts.ts";
import { convertNetworks } from "./convert-networks.ts";
import { type EnvFile, envRecord, parseEnv, withDomain } from "./env.ts";
import { assertNoForbidden } from "./forbidden.ts";
import { stackName } from "./names.ts";
import { charsetWarnings, secretSpecs } from "./secrets.ts";
import { assertAllowed, type DockerCli, stackConfig } from "./stack-config.ts";
import { composeWarnings, isBelow } from "./warnings.ts";

export interface LoadOptions {
  /** Folder with the recipe's files, from `RecipeRepo.checkout`. */
  checkout: string;
  recipe: string;
  /** Commit the checkout is of, 40 hex digits. */
  commit: string;
  /** Domain to deploy under: abra's app name. */
  domain: string;
  /** Variables over those of `.env.sample`. `abra.sh` still wins over them, as it does in abra. */
  env?: Readonly<Record<string, string>>;
  dockerCli: DockerCli;
}

/** Bytes of `.env.sample` and of `abra.sh`. */
const TEXT_LIMIT = 256 << 10;

/**
 * Reads a recipe as `abra app new` and `abra app deploy` would: env from the sample, overrides, `abra.sh` over both,
 * compose files merged by docker/cli, then what abra adds. The same input gives the same spec, byte for byte.
 * @throws UserError or UserErrors for everything a maintainer can mend, with file and line or key
 */
export async function loadApp(options: LoadOptions): Promise<AppSpec> {
  const checkout = await realpath(options.checkout);
  const { env, sample } = await appEnv({ ...options, checkout });
  const namespace = env.STACK_NAME ?? "";
  const files = await readComposeFiles(checkout, env, sample);
  assertDefined(files, env, sample);
  assertNoForbidden(files);
  assertAllowed(files);
  const paths = files.map((file) => file.path);
  const { compose, warnings } = await stackConfig(checkout, paths, env, options.dockerCli);
  await checkEnvFiles(checkout, compose, paths.join(" + "));
  assertServices(compose, paths);
  const notes = composeWarnings(compose, checkout);
  moveRelativeBinds(compose, checkout, options.recipe);

  const plain = Object.keys(compose.services ?? {})
    .sort()
    .map((key) => convertService(key, compose, namespace));
  const deployed = { recipe: options.recipe, namespace, commit: options.commit, env };
  const services = plain.map((service) => asAbraDeploys(service, deployed));
  const secrets = secretSpecs(compose, services, files, sample.entries);
  return {
    recipe: options.recipe,
    version: labelledVersion(plain, namespace),
    commit: options.commit,
    namespace,
    domain: env.DOMAIN || undefined,
    timeoutSeconds: timeoutSeconds(plain, namespace),
    services,
    networks: convertNetworks(compose, services, namespace),
    volumes: convertVolumes(compose, services, namespace),
    secrets,
    configs: await configSpecs(compose, services, namespace, checkout),
    warnings: [...warnings, ...notes, ...charsetWarnings(secrets), ...templateWarnings(services)],
  };
}

/** All variables of the app: sample, overrides, `abra.sh`, and the stack name derived from the domain. */
export async function appEnv(options: LoadOptions): Promise<{ env: Record<string, string>; sample: EnvFile }> {
  const { checkout, recipe, domain } = options;
  const sample = parseEnv(withDomain((await textFile(checkout, ".env.sample")) ?? "", recipe, domain));
  const shell = abraShExports((await textFile(checkout, "abra.sh")) ?? "");
  const env = { ...envRecord(sample.entries), ...options.env, ...shell };
  return { env: { ...env, STACK_NAME: env.STACK_NAME || stackName(domain) }, sample };
}

async function textFile(checkout: string, path: string): Promise<string | undefined> {
  const exists = await realpath(`${checkout}/${path}`).catch(() => undefined);
  if (!exists) return undefined;
  return readFile(await recipeFile(checkout, path, TEXT_LIMIT, { file: path }), "utf8");
}

function assertServices(compose: CanonicalCompose, paths: readonly string[]): void {
  const place = { file: paths.join(" + ") };
  if (!compose.services?.app) {
    throw new UserError('no service is named "app"', { place, remedy: "abra needs one: name the main service app" });
  }
  for (const [key, service] of Object.entries(compose.services)) {
    if (!service.image) throw new UserError("has no image", { place: { ...place, key: `services.${key}` } });
  }
}

/** A relative bind means a folder of the operator's own machine to abra; its path must not depend on this one's. */
function moveRelativeBinds(compose: CanonicalCompose, checkout: string, recipe: string): void {
  for (const service of Object.values(compose.services ?? {})) {
    for (const mount of service.volumes ?? []) {
      if (mount.type !== "bind" || !isBelow(mount.source, checkout)) continue;
      mount.source = `/root/.abra/recipes/${recipe}${mount.source?.slice(checkout.length)}`;
    }
  }
}

/** Swarm expands `{{…}}` in env values itself (swarmkit, template/context.go). */
function templateWarnings(services: readonly ServiceSpec[]): string[] {
  return services.flatMap((service) =>
    Object.entries(service.env)
      .filter(([, value]) => value?.includes("{{"))
      .map(([key]) => `service ${service.key}: Swarm expands the "{{" in variable ${key} as a template`),
  );
}
