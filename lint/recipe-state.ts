import { realpath, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ServiceSpec } from "../compose/app-spec.ts";
import type { DockerCli } from "../compose/docker-cli/stack-config.ts";
import { type AbraSh, abraShExports, readAbraSh } from "../compose/env/abra-sh.ts";
import { textFile } from "../compose/env/app-env.ts";
import { type EnvEntry, type EnvFile, parseEnv, withDomain } from "../compose/env/env-file.ts";
import { runDomain, stackName } from "../compose/env/stack-name.ts";
import type { CanonicalCompose } from "../compose/files/canonical.ts";
import { type UserError, userErrors } from "../lib/errors.ts";
import type { RecipeRepo } from "../source/recipe-repo.ts";
import { judgeCombinations } from "./combinations.ts";
import { type ConfigFile, configFiles } from "./config-files.ts";
import type { Conflict } from "./joint.ts";
import { mendedAbraSh, mendedSample } from "./mended.ts";
import type { Offer } from "./offers.ts";
import { type ComposeSource, locate, type Place, type WrittenLabel, writtenLabels } from "./places.ts";
import { servicesIn } from "./services-in.ts";
import { readSources } from "./sources.ts";
import type { Combination } from "./try-offer.ts";

/** A recipe at one commit, as far as it can be read, in one of the combinations of files that its sample offers. */
export interface RecipeState {
  commit: string;
  /** All files of the commit. */
  paths: readonly string[];
  /** The `compose*.yml` of the root, `compose.yml` first, then what COMPOSE_FILE names in other folders. */
  files: readonly ComposeSource[];
  /** Undefined where there is no `.env.sample`. Lines that can't be read are left out. */
  sample?: EnvFile;
  /** Its text as it is written. */
  sampleText?: string;
  /** What `abra.sh` exports; undefined where there is no such file. */
  abraSh?: Readonly<Record<string, string>>;
  /** The exports of `abra.sh` that abra does not take. */
  unseen: AbraSh["unseen"];
  /** The variables that are only commented out in the sample: options. */
  optional: readonly EnvEntry[];
  namespace: string;
  /** Files that could not be read. */
  unreadable: readonly UserError[];
  /** Options that are offered beyond those that are judged. */
  left: number;
  /** Options that can't be loaded at once. */
  conflicts: readonly Conflict[];
  /** Combinations of several options beyond those that are judged. */
  leftTogether: number;

  /** How the operator comes to this combination. */
  offer: Offer;
  /** The compose files that are enabled. */
  enabled: readonly string[];
  /** The variables of the app: `.env`, `abra.sh` over it, `STACK_NAME`. */
  env: Readonly<Record<string, string>>;
  /** What is enabled merged by docker/cli; undefined where it refuses that. */
  merged?: CanonicalCompose;
  /** The services of `merged`, sorted by key; empty without it. */
  services: readonly ServiceSpec[];
  /** The configs of `merged` that have a file. */
  configs: readonly ConfigFile[];
  /** What loading refuses. */
  refused: readonly UserError[];
  /** Refused only as long as other options of the sample are left out. */
  needsOptions: readonly UserError[];
  /** Line of another option without which this one can't be loaded. */
  needsLine?: number;
  /** What loading warns of. */
  warnings: readonly string[];

  /** Where a path of keys is written in the compose files that are enabled. */
  at(...path: string[]): Place;
  /** The deploy labels of a service as they are written in these files, or another list or mapping of it. */
  labels(service: string, path?: readonly string[]): WrittenLabel[];
  /** The text of a file of the recipe; undefined where there is none, or a link. */
  read(path: string): Promise<string | undefined>;
}

export interface StateOptions {
  repo: RecipeRepo;
  commit: string;
  recipe: string;
  dockerCli: DockerCli;
  /** Variables that the recipe's definition sets over those of the sample. Default none. */
  env?: Readonly<Record<string, string>>;
  /** Whether several options at once are judged as well. Default: no. */
  joint?: boolean;
  /** Ends the Docker CLI, and the reading with its reason. */
  signal?: AbortSignal;
}

type Shared = Omit<RecipeState, keyof Combination | "services" | "configs" | "at" | "labels">;

/**
 * Reads a recipe at a commit: one state for each combination that is judged, first the one of an operator who changes
 * nothing. Nothing a maintainer can mend is thrown: it is written down instead.
 * @throws InfraError when there is no Docker CLI
 */
export async function readStates(options: StateOptions): Promise<[RecipeState, ...RecipeState[]]> {
  const { repo, commit, recipe } = options;
  const paths = await repo.list(commit);
  const domain = runDomain(recipe, "lint");
  const read = async (path: string) =>
    paths.includes(path)
      ? await repo.read(commit, path).then(String, (error: unknown) => void userErrors(error))
      : undefined;
  const shared: Shared = {
    ...{ commit, paths, files: [], unseen: [], optional: [], unreadable: [], left: 0, conflicts: [], leftTogether: 0 },
    ...{ namespace: stackName(domain), read },
  };
  let checkout: string;
  try {
    checkout = await realpath(await repo.checkout(commit));
  } catch (error) {
    return [stateOf({ ...shared, unreadable: userErrors(error) }, NOTHING)];
  }
  try {
    return await statesIn(checkout, shared, domain, options);
  } finally {
    await rm(checkout, { recursive: true, force: true });
  }
}

const NOTHING: Combination = {
  ...{ offer: { env: "", lines: [] }, enabled: [], env: {}, refused: [], needsOptions: [], warnings: [] },
};

async function statesIn(
  checkout: string,
  bare: Shared,
  domain: string,
  { commit, recipe, env = {}, joint = false, dockerCli, signal }: StateOptions,
): Promise<[RecipeState, ...RecipeState[]]> {
  const unreadable: UserError[] = [];
  const sampleText = await textOf(checkout, ".env.sample", unreadable);
  const sample = sampleText === undefined ? undefined : mendedSample(withDomain(sampleText, recipe, domain));
  const shellText = await textOf(checkout, "abra.sh", unreadable);
  const shell = shellText === undefined ? undefined : mendedAbraSh(shellText);
  unreadable.push(...(sample?.errors ?? []), ...(shell?.errors ?? []));
  if (shell) await replaceFile(checkout, "abra.sh", shell.text);

  const parsed = sample && parseEnv(sample.text);
  const exports = shell && readAbraSh(shell.text);
  const sources = await readSources(checkout, bare.paths, [...(parsed?.entries ?? []), ...(parsed?.optional ?? [])]);
  unreadable.push(...sources.unreadable);
  const { files } = sources;
  const common = { checkout, recipe, commit, domain, over: env, files, joint, dockerCli, signal };
  // Where there is no sample that can be read, that is told, and all else is judged as if it had the name alone.
  const judged = await judgeCombinations({ ...common, sample: sample?.text ?? `TYPE=${recipe}\n` });
  const { combinations, left } = judged;
  const shared: Shared = {
    ...bare,
    ...{ files, sample: parsed, sampleText, unreadable, left },
    ...{ conflicts: judged.joint.conflicts, leftTogether: judged.joint.left },
    ...(exports && { abraSh: abraShExports(exports), unseen: exports.unseen }),
    optional: parsed?.optional ?? [],
  };
  const states = combinations.map(async (one) => {
    const configs = await configFiles(one.merged ?? {}, shared.namespace, checkout);
    return stateOf(shared, one, configs);
  });
  const [first = stateOf(shared, NOTHING), ...others] = await Promise.all(states);
  return [first, ...others];
}

function stateOf(shared: Shared, combination: Combination, configs: readonly ConfigFile[] = []): RecipeState {
  const enabled = shared.files.filter(({ path }) => combination.enabled.includes(path));
  const services = servicesIn(combination.merged ?? {}, shared.namespace);
  return {
    ...shared,
    ...combination,
    ...{ services, configs },
    at: (...path) => locate(enabled.length > 0 ? enabled : shared.files, path),
    labels: (service, path) => writtenLabels(enabled, service, path),
  };
}

/** The text of a file as loading reads it. What can't be read is a mistake. */
async function textOf(checkout: string, path: string, unreadable: UserError[]): Promise<string | undefined> {
  try {
    return await textFile(checkout, path);
  } catch (error) {
    unreadable.push(...userErrors(error));
    return undefined;
  }
}

/** It may be a link to another file of the recipe, which stays as it is. */
async function replaceFile(checkout: string, path: string, text: string): Promise<void> {
  await rm(join(checkout, path), { force: true });
  await writeFile(join(checkout, path), text);
}
