import { createHash } from "node:crypto";
import { realpath, rm } from "node:fs/promises";
import { relative } from "node:path";
import { type AbraSh, abraShExports, readAbraSh } from "../compose/abra-sh.ts";
import { allVariables } from "../compose/app-env.ts";
import type { ServiceSpec } from "../compose/app-spec.ts";
import type { CanonicalCompose } from "../compose/canonical.ts";
import { readComposeFiles } from "../compose/compose-files.ts";
import { convertService } from "../compose/convert.ts";
import { finalName } from "../compose/convert-names.ts";
import { type EnvEntry, type EnvFile, NO_ENV, parseEnv, withDomain } from "../compose/env.ts";
import { fileContent } from "../compose/file-content.ts";
import { runDomain } from "../compose/names.ts";
import { underDomain } from "../compose/run-env.ts";
import type { DockerCli } from "../compose/stack-config.ts";
import { UserError, userErrors } from "../lib/errors.ts";
import type { RecipeRepo } from "../source/recipe-repo.ts";
import { mergeFiles } from "./merge.ts";
import { type ComposeSource, locate, type Place, type WrittenLabel, writtenLabels } from "./places.ts";

/** A top-level config that comes from a file of the recipe. */
export interface ConfigFile {
  key: string;
  /** Final name in the Swarm. */
  name: string;
  /** Path within the recipe. */
  file: string;
  templateDriver?: string;
  /** Digest of the file's bytes, or why it has none. */
  content: string | UserError;
}

/** A recipe at one commit, as far as it can be read. What cannot is in `unreadable` and `refused`. */
export interface RecipeState {
  commit: string;
  /** All files of the commit. */
  paths: readonly string[];
  /** The `compose*.yml` of the root, `compose.yml` first, then what COMPOSE_FILE names in other folders. */
  files: readonly ComposeSource[];
  /** Undefined where there is no `.env.sample`. */
  sample?: EnvFile;
  /** What `abra.sh` exports; undefined where there is no such file. */
  abraSh?: Readonly<Record<string, string>>;
  /** The exports of `abra.sh` that abra does not take. */
  unseen: AbraSh["unseen"];
  /** The sample's variables, `abra.sh` over them, `STACK_NAME`. */
  env: Readonly<Record<string, string>>;
  /** The variables that are only commented out in the sample: options. */
  optional: readonly EnvEntry[];
  namespace: string;
  /** All files of the root merged by docker/cli; where it refuses that, those of COMPOSE_FILE, or `compose.yml`. */
  merged?: CanonicalCompose;
  /** The services of `merged`, sorted by key; empty without it. */
  services: readonly ServiceSpec[];
  /** The configs of `merged` that have a file. */
  configs: readonly ConfigFile[];
  /** Files that could not be read. */
  unreadable: readonly UserError[];
  /** What docker/cli or the Swarm would refuse. */
  refused: readonly UserError[];
  /** Refused only as long as the sample's options are left out, which is all that abra's own lint knows. */
  needsOptions: readonly UserError[];
  /** Where a path of keys of the compose files is written. */
  at(...path: string[]): Place;
  /** The deploy labels of a service as they are written. */
  labels(service: string): WrittenLabel[];
  /** The text of a file of the recipe; undefined where there is none, or a link. */
  read(path: string): Promise<string | undefined>;
}

export interface StateOptions {
  repo: RecipeRepo;
  commit: string;
  recipe: string;
  dockerCli: DockerCli;
  /** Ends the Docker CLI, and the reading with its reason. */
  signal?: AbortSignal;
}

/**
 * Reads a recipe at a commit. Nothing a maintainer can mend is thrown: it is written down instead.
 * @throws InfraError when there is no Docker CLI
 */
export async function readState(options: StateOptions): Promise<RecipeState> {
  const { repo, commit, recipe } = options;
  const paths = await repo.list(commit);
  const unreadable: UserError[] = [];
  const read = async (path: string) => (paths.includes(path) ? (await repo.read(commit, path)).toString() : undefined);
  const text = (path: string) => read(path).catch((error: unknown) => void unreadable.push(...userErrors(error)));

  const domain = runDomain(recipe, "lint");
  const sampleText = await text(".env.sample");
  const sample = sampleText === undefined ? undefined : parseSample(withDomain(sampleText, recipe, domain), unreadable);
  const shellText = await text("abra.sh");
  const shell = shellText === undefined ? undefined : readAbraSh(shellText);
  unreadable.push(...(shell?.errors ?? []));
  const abraSh = shell && abraShExports(shell);
  const env = allVariables(underDomain(sample?.entries ?? [], domain), {}, abraSh ?? {}, domain);
  const optional = sample?.optional ?? [];

  const unseen = shell?.unseen ?? [];
  const common = { commit, paths, sample, abraSh, unseen, env, optional, namespace: env.STACK_NAME ?? "" };
  const composed = await composeState({ ...options, paths, env, optional, unreadable });
  const { files } = composed;
  return {
    ...common,
    ...composed,
    unreadable,
    read: (path) => read(path).catch((error: unknown) => void userErrors(error)),
    at: (...path) => locate(files, path),
    labels: (service) => writtenLabels(files, service),
  };
}

interface ComposeOptions extends StateOptions {
  paths: readonly string[];
  env: Readonly<Record<string, string>>;
  optional: readonly EnvEntry[];
  unreadable: UserError[];
}

type Composed = Pick<RecipeState, "files" | "merged" | "services" | "configs" | "refused" | "needsOptions">;

/** The part that needs the recipe's files in a folder; the folder is gone afterwards. */
async function composeState(options: ComposeOptions): Promise<Composed> {
  const nothing: Composed = { files: [], services: [], configs: [], refused: [], needsOptions: [] };
  let checkout: string;
  try {
    checkout = await realpath(await options.repo.checkout(options.commit));
  } catch (error) {
    options.unreadable.push(...userErrors(error));
    return nothing;
  }
  try {
    const files = await readSources(checkout, options);
    const merging = await mergeFiles({ ...options, checkout, files });
    const { merged } = merging;
    if (!merged) return { ...nothing, files, ...merging };
    const { services, errors } = convertAll(merged, options.env.STACK_NAME ?? "");
    const configs = await configFiles(merged, options.env.STACK_NAME ?? "", checkout);
    return { ...merging, files, services, configs, refused: [...merging.refused, ...errors] };
  } finally {
    await rm(checkout, { recursive: true, force: true });
  }
}

async function readSources(checkout: string, options: ComposeOptions): Promise<ComposeSource[]> {
  const root = options.paths.filter((path) => /^compose[^/]*\.ya?ml$/.test(path));
  const named = [options.env.COMPOSE_FILE, ...options.optional.map(({ key, value }) => key === "COMPOSE_FILE" && value)]
    .flatMap((value) => (value || "").split(":"))
    .filter((path) => options.paths.includes(path));
  const first = root.includes("compose.yml") ? ["compose.yml"] : [];
  const sources: ComposeSource[] = [];
  for (const path of new Set([...first, ...root, ...named])) {
    try {
      const [file] = await readComposeFiles(checkout, { COMPOSE_FILE: path });
      if (file) sources.push(file);
    } catch (error) {
      options.unreadable.push(...userErrors(error).map((one) => inFile(one, path)));
    }
  }
  return sources;
}

/** What is wrong with the file as a whole is told at the file, not at the COMPOSE_FILE made up to read it alone. */
function inFile(error: UserError, file: string): UserError {
  if (error.place?.key !== "COMPOSE_FILE") return error;
  return new UserError(error.message, { place: { file }, remedy: error.remedy, cause: error });
}

function convertAll(merged: CanonicalCompose, namespace: string) {
  const errors: UserError[] = [];
  const services = Object.keys(merged.services ?? {})
    .sort()
    .flatMap((key) => {
      try {
        return [convertService(key, merged, namespace)];
      } catch (error) {
        errors.push(...userErrors(error));
        return [];
      }
    });
  return { services, errors };
}

async function configFiles(merged: CanonicalCompose, namespace: string, checkout: string): Promise<ConfigFile[]> {
  const configs: ConfigFile[] = [];
  const contents = new Map<string, ConfigFile["content"]>();
  for (const [key, config] of Object.entries(merged.configs ?? {})) {
    if (!config?.file || config.external) continue;
    const file = relative(checkout, config.file);
    const content = contents.get(file) ?? (await contentOf(checkout, file, key));
    contents.set(file, content);
    const name = finalName(config, key, namespace);
    configs.push({ key, name, file, templateDriver: config.template_driver, content });
  }
  return configs;
}

async function contentOf(checkout: string, file: string, key: string): Promise<ConfigFile["content"]> {
  try {
    return createHash("sha256")
      .update(await fileContent(checkout, file, "configs", { key: `configs.${key}` }))
      .digest("hex");
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

function parseSample(text: string, unreadable: UserError[]): EnvFile | undefined {
  try {
    return parseEnv(text);
  } catch (error) {
    unreadable.push(...userErrors(error));
    return NO_ENV;
  }
}
