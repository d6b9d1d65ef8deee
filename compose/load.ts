import { realpath } from "node:fs/promises";
import { type UserError, UserErrors } from "../lib/errors.ts";
import { present } from "../lib/present.ts";
import type { AppSpec, ConfigSpec, ServiceSpec } from "./app-spec.ts";
import { envWarnings } from "./convert/env-warnings.ts";
import { composeWarnings } from "./convert/ignored-keys.ts";
import type { ConfigText } from "./convert/programs.ts";
import { moveRelativeBinds } from "./convert/relative-binds.ts";
import { convertServices } from "./convert/services.ts";
import { givenRefusals, placementWarnings } from "./convert/swarm-refusals.ts";
import { withCauses } from "./docker-cli/causes.ts";
import { forgottenKeys } from "./docker-cli/forgotten-keys.ts";
import { refuseVariables, soundComposeFiles } from "./docker-cli/sound-files.ts";
import { abraStackConfig, type DockerCli } from "./docker-cli/stack-config.ts";
import { doubtsOf, doubtWarning } from "./doubts.ts";
import { type AppEnv, type AppEnvOptions, appEnv } from "./env/app-env.ts";
import { appCommands } from "./env/commands.ts";
import { emptyUses, emptyWarnings } from "./env/defined.ts";
import type { CanonicalCompose } from "./files/canonical.ts";
import type { ComposeFile } from "./files/compose-file.ts";
import { asAbraDeploys, labelledVersion, timeoutRefusals, timeoutSeconds } from "./labels/app-labels.ts";
import { withoutResolver } from "./labels/entry-points.ts";
import { hostWarnings } from "./labels/host-names.ts";
import { asTraefikReads } from "./labels/traefik-labels.ts";
import { appObjects } from "./objects/objects.ts";
import { doubtfulSecrets, secretWarnings } from "./objects/secrets.ts";

export interface LoadOptions extends AppEnvOptions {
  /** Commit the checkout is of, 40 hex digits. */
  commit: string;
  dockerCli: DockerCli;
  /** Given what docker/cli made of the files, before anything is added, whether the app is refused afterwards or not. */
  onMerged?: (compose: CanonicalCompose) => void;
  /** Ends the Docker CLI, and the reading with its reason. */
  signal?: AbortSignal;
}

/** What docker/cli says of `~`, which the operator's machine does know. */
const NO_HOME = "cannot expand '~'";

/**
 * Reads a recipe as `abra app new` and `abra app deploy` would: env from the sample, overrides, `abra.sh` over both,
 * compose files merged by docker/cli, then what abra adds. The same input gives the same spec, byte for byte.
 * @throws UserError or UserErrors for everything a maintainer can mend, with file and line or key
 */
export async function loadApp(options: LoadOptions): Promise<AppSpec> {
  const checkout = await realpath(options.checkout);
  const app = await appEnv({ ...options, checkout }).catch((error: unknown) => refuseVariables(error, checkout));
  const files = await soundComposeFiles(checkout, app, options.recipe);
  const empty = emptyUses(files, { ...app, recipe: options.recipe });
  const spec = await composedApp({ ...options, checkout }, app, files).catch((error: unknown) => {
    throw withCauses(error, empty);
  });
  return { ...spec, warnings: [...emptyWarnings(empty), ...spec.warnings] };
}

/** The app that its compose files describe. */
async function composedApp(options: LoadOptions, app: AppEnv, files: readonly ComposeFile[]): Promise<AppSpec> {
  const { checkout } = options;
  const { env } = app;
  const namespace = present(env.STACK_NAME, "STACK_NAME");
  const { dockerCli, signal } = options;
  const { compose, warnings } = await abraStackConfig({ checkout, files, env, dockerCli, signal });
  options.onMerged?.(structuredClone(compose));
  const notes = [...composeWarnings(compose, checkout), ...forgottenKeys(files, compose)];
  notes.push(...moveRelativeBinds(compose, { checkout, recipe: options.recipe, files, env }));

  const plain = convertServices(compose, files, namespace);
  const wrong = [
    ...givenRefusals(
      plain.find(({ key }) => key === "app"),
      app,
    ),
    ...timeoutRefusals(plain, namespace, files),
  ];
  if (wrong.length > 0) throw new UserErrors(wrong);
  const deployed = { recipe: options.recipe, namespace, commit: options.commit, env };
  const services = plain.map((service) => asAbraDeploys(service, deployed));
  const commands = await appCommands(
    checkout,
    app,
    plain.map(({ key }) => key),
  );
  const objects = await appObjects({ checkout, compose, files, services, namespace, app });
  return {
    recipe: options.recipe,
    version: labelledVersion(plain, namespace),
    commit: options.commit,
    namespace,
    domain: env.DOMAIN || undefined,
    timeoutSeconds: timeoutSeconds(plain, namespace),
    services,
    ...objects,
    ...(commands && { commands }),
    warnings: [
      ...envWarnings(app, options, { files, compose, configs: objects.configs }),
      ...warnings.filter((warning) => !warning.startsWith(NO_HOME)),
      ...notes,
      ...secretWarnings(objects.secrets, compose),
      ...doubtfulSecrets(plain, { compose, files, namespace }).map(asWarning),
      ...doubtsOf({ services: plain, files, compose, configs: textsOf(objects.configs) }).map((one) =>
        doubtWarning(one, files),
      ),
      ...withoutResolver(asTraefikReads({ services: plain })),
      ...objects.warnings,
      ...placementWarnings(services),
      ...templateWarnings(services),
      ...hostWarnings({ services: plain, domain: env.DOMAIN }),
    ],
  };
}

/** A mistake that nothing stops at, in one line. */
function asWarning({ message, place, remedy }: UserError): string {
  return `${place?.file}:${place?.line} ${place?.key}: ${message}: ${remedy}`;
}

function textsOf(configs: readonly ConfigSpec[]): (ConfigText & { file: string })[] {
  return configs
    .filter(({ external }) => !external)
    .map(({ key, file = "", data, templateDriver }) => {
      return { key, file, text: Buffer.from(data, "base64").toString("utf8"), templateDriver };
    });
}

/** Swarm expands `{{…}}` in env values itself (swarmkit, template/context.go). */
function templateWarnings(services: readonly ServiceSpec[]): string[] {
  return services.flatMap((service) =>
    Object.entries(service.env)
      .filter(([, value]) => value?.includes("{{"))
      .map(([key]) => `service ${service.key}: Swarm expands the "{{" in variable ${key} as a template`),
  );
}
