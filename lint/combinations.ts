import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { appEnv } from "../compose/app-env.ts";
import type { CanonicalCompose } from "../compose/canonical.ts";
import { enabledPaths } from "../compose/compose-files.ts";
import { loadApp } from "../compose/load.ts";
import { type DockerCli, stackConfig } from "../compose/stack-config.ts";
import { describe, type UserError, userErrors } from "../lib/errors.ts";
import { OFFER_LIMIT, type Offer, offersOf, together, withOptions } from "./offers.ts";
import type { ComposeSource } from "./places.ts";

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

/** How many other offers are tried beside one that can't be loaded alone, and how often that is done at all. */
const HELPERS = 6;
const TRIES = 100;

export interface Judged {
  /** The first is what an operator gets who changes nothing. */
  combinations: Combination[];
  /** How many offers there are beyond those that are judged. */
  left: number;
}

/**
 * Loads a recipe in every combination that its sample offers, each as `render` does: never all files together, as
 * alternatives can't be merged, and what a merge adds to a service an operator may never get.
 */
export async function judgeCombinations(options: CombinationOptions): Promise<Judged> {
  const offers = offersOf(options.sample, []);
  const named = new Set<string>();
  for (const offer of offers) for (const path of await pathsOf(offer, options)) named.add(path);
  const isUnnamed = ({ path }: ComposeSource) => !path.includes("/") && !named.has(path);
  const all = offersOf(
    options.sample,
    options.files.filter(isUnnamed).map(({ path }) => path),
  );
  const [plain, ...others] = all;
  const first = await tryOffer(plain ?? { env: "", lines: [] }, options);
  const combinations = [first];
  const beside = { ...options, enabled: first.enabled, tries: { left: TRIES } };
  for (const offer of others.slice(0, OFFER_LIMIT)) combinations.push(await judge(offer, others, first, beside));
  if (!combinations.some(({ merged }) => merged)) combinations.push(...(await composeAlone(first, options)));
  return { combinations, left: Math.max(0, others.length - OFFER_LIMIT) };
}

/** An offer by itself, or with what it needs beside it. */
async function judge(
  offer: Offer,
  others: readonly Offer[],
  first: Combination,
  options: CombinationOptions & { tries: { left: number } },
): Promise<Combination> {
  const alone = await tryOffer(offer, options);
  // What is wrong without it as well is told already, and nothing beside it helps.
  const known = new Set(first.refused.map(describe));
  if (alone.refused.every((error) => known.has(describe(error))) || options.tries.left <= 0) return alone;
  options.tries.left -= 1;
  const completed = await tryOffer(withOptions(offer, lacking(alone, options)), options);
  if (completed.refused.length === 0 && completed.merged) return { ...completed, needsOptions: alone.refused };
  const [line] = offer.lines;
  const helpers = others.flatMap(({ lines }) => lines).filter((other) => other !== line);
  for (const helper of line === undefined ? [] : helpers.slice(0, HELPERS)) {
    options.tries.left -= 1;
    const both = await tryOffer(together(options.sample, line ?? 0, helper), options);
    // A list of its own would have taken the place of what is tried.
    const isWhole = alone.enabled.every((path) => both.enabled.includes(path));
    if (isWhole && both.merged && both.refused.length === 0) return { ...both, offer, needsLine: helper };
  }
  return alone;
}

/** The variables that the enabled files put in without having a value or a default for them. */
function lacking({ enabled, env }: Combination, { files }: CombinationOptions): Set<string> {
  const uses = files.filter(({ path }) => enabled.includes(path)).flatMap(({ variables }) => variables);
  return new Set(uses.filter(({ name, hasDefault }) => !hasDefault && !env[name]).map(({ name }) => name));
}

async function tryOffer(offer: Offer, options: CombinationOptions): Promise<Combination> {
  const { checkout, files, recipe, commit, domain, dockerCli, signal } = options;
  signal?.throwIfAborted();
  await writeSample(offer, options);
  const over = overOf(offer, options);
  const nothing = { offer, enabled: [], env: {}, needsOptions: [], warnings: [] };
  try {
    const { env } = await appEnv({ checkout, recipe, domain, env: over });
    const enabled = enabledPaths(env);
    const chosen = enabled.flatMap((path) => files.find((file) => file.path === path) ?? []);
    const common = { ...nothing, enabled, env };
    // A file that is not there, or can't be read, has findings of its own.
    if (chosen.length < enabled.length) return { ...common, refused: [] };
    const { warnings, refused } = await loadApp({
      checkout,
      recipe,
      commit,
      domain,
      env: over,
      dockerCli,
      signal,
    }).then(
      (app) => ({ warnings: app.warnings, refused: [] as readonly UserError[] }),
      (error: unknown) => ({ warnings: [], refused: userErrors(error) }),
    );
    const merged = await stackConfig({ checkout, files: chosen, env, dockerCli, signal }).then(
      ({ compose }) => compose,
      (error: unknown) => void userErrors(error),
    );
    return { ...common, merged, refused, warnings };
  } catch (error) {
    return { ...nothing, refused: userErrors(error) };
  }
}

/** `compose.yml` by itself, so that a mistake in what is enabled does not hide all others. */
async function composeAlone(first: Combination, options: CombinationOptions): Promise<Combination[]> {
  const over = { ...options.over, COMPOSE_FILE: "compose.yml" };
  const { merged, env } = await tryOffer(first.offer, { ...options, over });
  return merged ? [{ ...first, env, merged, enabled: ["compose.yml"], refused: [], needsOptions: [] }] : [];
}

async function pathsOf(offer: Offer, options: CombinationOptions): Promise<string[]> {
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
