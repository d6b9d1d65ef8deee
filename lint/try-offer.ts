import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type DockerCli, stackConfig } from "../compose/docker-cli/stack-config.ts";
import { appEnv } from "../compose/env/app-env.ts";
import type { CanonicalCompose } from "../compose/files/canonical.ts";
import { enabledPaths } from "../compose/files/compose-file.ts";
import { loadApp } from "../compose/load.ts";
import { type UserError, userErrors } from "../lib/errors.ts";
import type { Offer } from "./offers.ts";
import { type ComposeSource, filesAt } from "./places.ts";

/** What an operator gets who switches on what an offer says. */
export interface Combination {
  offer: Offer;
  /** The compose files that are enabled, in the order of COMPOSE_FILE. */
  enabled: readonly string[];
  env: Readonly<Record<string, string>>;
  /** The files merged by docker/cli; undefined where it refuses them. */
  merged?: CanonicalCompose;
  /** Why the recipe can't be loaded so: what `render`, `plan` and `run` would say. */
  refused: readonly UserError[];
  /** The same, where it can be loaded once other options of the sample have their values. */
  needsOptions: readonly UserError[];
  /** Line of another offer without which this one can't be loaded. */
  needsLine?: number;
  /** What loading warns of. */
  warnings: readonly string[];
}

export interface CombinationOptions {
  /** A folder of one's own: its `.env.sample` is written anew for each offer. */
  checkout: string;
  recipe: string;
  commit: string;
  domain: string;
  /** Variables of the recipe's definition. */
  over: Readonly<Record<string, string>>;
  files: readonly ComposeSource[];
  /** Text of the sample; empty where there is none. */
  sample: string;
  /** What is enabled without any option. Default: `compose.yml`. */
  enabled?: readonly string[];
  dockerCli: DockerCli;
  signal?: AbortSignal;
}

/** The variables that the enabled files put in without having a value or a default for them. */
export function lacking({ enabled, env }: Combination, { files }: CombinationOptions): Set<string> {
  const uses = files.filter(({ path }) => enabled.includes(path)).flatMap(({ variables }) => variables);
  return new Set(uses.filter(({ name, hasDefault }) => !hasDefault && !env[name]).map(({ name }) => name));
}

/** Loads a recipe as an operator has it who does what an offer says. */
export async function tryOffer(offer: Offer, options: CombinationOptions): Promise<Combination> {
  const { checkout, files, recipe, commit, domain, dockerCli, signal } = options;
  signal?.throwIfAborted();
  await writeSample(offer, options);
  const over = overOf(offer, options);
  const nothing = { offer, enabled: [], env: {}, needsOptions: [], warnings: [] };
  try {
    const { env } = await appEnv({ checkout, recipe, domain, env: over });
    const enabled = enabledPaths(env);
    const chosen = filesAt(enabled, files);
    const common = { ...nothing, enabled, env };
    // A file that is not there, or can't be read, has findings of its own.
    if (chosen.length < enabled.length) return { ...common, refused: [] };
    let asked: CanonicalCompose | undefined;
    const onMerged = (compose: CanonicalCompose) => {
      asked = compose;
    };
    const load = loadApp({ checkout, recipe, commit, domain, env: over, dockerCli, onMerged, signal });
    const { warnings, refused } = await load.then(
      (app) => ({ warnings: app.warnings, refused: [] as readonly UserError[] }),
      (error: unknown) => ({ warnings: [], refused: userErrors(error) }),
    );
    // What is refused before docker/cli is asked, or by how abra asks it, may be merged all the same.
    const merged =
      asked ??
      (await stackConfig({ checkout, files: chosen, env, dockerCli, signal }).then(
        ({ compose }) => compose,
        (error: unknown) => void userErrors(error),
      ));
    return { ...common, merged, refused, warnings };
  } catch (error) {
    return { ...nothing, refused: userErrors(error) };
  }
}

/** The compose files that an offer enables; none where its `.env` can't be read. */
export async function pathsOf(offer: Offer, options: CombinationOptions): Promise<string[]> {
  const { checkout, recipe, domain } = options;
  await writeSample(offer, options);
  try {
    const { env } = await appEnv({ checkout, recipe, domain, env: overOf(offer, options) });
    return enabledPaths(env);
  } catch (error) {
    userErrors(error);
    return [];
  }
}

/** The definition chooses what is enabled where nothing else is chosen. */
function overOf({ lines, unnamed }: Offer, { over, enabled }: CombinationOptions): Record<string, string> {
  const { COMPOSE_FILE, ...rest } = over;
  if (unnamed) return { ...rest, COMPOSE_FILE: [...(enabled ?? ["compose.yml"]), unnamed].join(":") };
  return COMPOSE_FILE === undefined || lines.length > 0 ? rest : { ...rest, COMPOSE_FILE };
}

async function writeSample({ env }: Offer, { checkout }: CombinationOptions): Promise<void> {
  const path = join(checkout, ".env.sample");
  // It may be a link to another file of the recipe.
  await rm(path, { force: true });
  await writeFile(path, env);
}
