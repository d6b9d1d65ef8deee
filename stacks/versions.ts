import { rm } from "node:fs/promises";
import type { AppSpec } from "../compose/app-spec.ts";
import { definitionFile, readSample } from "../compose/env/app-env.ts";
import { namesElsewhere, type RunNames } from "../compose/env/stack-name.ts";
import { withFlatHosts } from "../compose/labels/flat-hosts.ts";
import { type LoadOptions, loadApp } from "../compose/load.ts";
import { withOwnNames } from "../compose/objects/own-names.ts";
import { describe, UserError, UserErrors, userErrors } from "../lib/errors.ts";
import { home } from "../lib/home.ts";
import { meant } from "../lib/nearest.ts";
import type { Owner } from "../lib/owner.ts";
import { dockerCli } from "../machine/docker-cli.ts";
import type { RecipeDefinition } from "../recipes/define-recipe.ts";
import type { SettledDefinition } from "../recipes/settle.ts";
import { repoFromFolder } from "../source/folder-repo.ts";
import { openSource } from "../source/open-source.ts";
import type { RecipeRepo, Release } from "../source/recipe-repo.ts";
import { parseVersion } from "../source/version.ts";
import { withOverlays } from "./overlays.ts";

/** The two versions of a recipe that a run is about, as AppSpecs under the run's own names. */
export interface Versions {
  location: string;
  base?: AppSpec;
  /** As it is deployed: over base with the `.env` that base's sample made, else with a new one. */
  head: AppSpec;
  /** Head is a release itself, by its tag. Default: false. */
  release?: boolean;
  warnings: string[];
}

export interface VersionsArgs {
  definition: SettledDefinition;
  names: RunNames;
}

/** A recipe's repository and the commits a run is about. */
export interface Located {
  repo: RecipeRepo;
  headCommit: string;
  /** The newest release older than head, or what else head is compared with. */
  baseCommit?: string;
  /** Its tag, or another ref, for messages. Default: the first eight digits of the commit. */
  baseName?: string;
  /** Head is a release itself, by its tag. Default: false. */
  release?: boolean;
  warnings: string[];
}

/** What an upgrade starts from cannot be read: so nothing can be said about head. */
export class BrokenBase extends UserErrors {
  /** A maintainer of head can do nothing about a release that is out already. */
  readonly owner = "base" satisfies Owner;
}

/** Which version of a recipe is head. */
export interface Wanted {
  /** Branch, tag or commit. Default: HEAD. */
  ref?: string;
  /** A local git folder as it lies there, uncommitted changes included. Default: false. */
  dirty?: boolean;
}

/**
 * Opens the recipe's repository and finds head and base.
 * @throws UserError for a source or ref that is not there, and for a ref of what is not committed
 */
export async function locateVersions(definition: RecipeDefinition, wanted: Wanted = {}): Promise<Located> {
  const { source } = definition;
  const { ref = "HEAD", dirty = false } = wanted;
  if (dirty && wanted.ref !== undefined) {
    throw new UserError(`what is not committed has no ref "${ref}"`, { remedy: "leave --ref out, or --dirty" });
  }
  if (source === undefined) throw new UserError(`recipe "${definition.name}" has no source`);
  const cacheDir = home("git");
  const repo =
    typeof source === "string"
      ? await openSource(source, { cacheDir, workingTree: dirty })
      : await repoFromFolder({ folder: source.folder, releases: source.releases, cacheDir });
  const headCommit = await repo.resolve(ref);
  const [base, releases] = await Promise.all([repo.base(headCommit, definition.upgradeFrom), repo.releases()]);
  const passed = passedOver(definition, releases.releases, base);
  const warnings = [...repo.warnings, ...releases.warnings, ...passed];
  const release = releases.releases.some(({ commit }) => commit === headCommit);
  return { repo, headCommit, baseCommit: base?.commit, baseName: base?.version.text, release, warnings };
}

/**
 * What is to be said where an upgrade does not start from the release that the definition names: it is no older one than
 * head, or the repository is a copy without releases.
 *
 * @throws UserError where there are releases, and none of that name
 */
function passedOver({ name, upgradeFrom }: RecipeDefinition, releases: readonly Release[], base?: Release): string[] {
  if (upgradeFrom === undefined || base?.version.text === upgradeFrom) return [];
  const place = { file: definitionFile(name), key: "upgradeFrom" };
  const known = releases.map(({ version }) => version.text);
  if (known.length > 0 && !known.includes(upgradeFrom)) {
    const remedy = meant(upgradeFrom, known, `take it out; there is ${known.join(", ")}`);
    throw new UserError(`there is no release "${upgradeFrom}"`, { place, remedy });
  }
  const instead = base ? `the upgrade starts from ${base.version.text}` : "nothing is upgraded";
  return [`${place.file} ${place.key}: ${upgradeFrom} is no release before head here, so ${instead}`];
}

/**
 * Opens the repository of a recipe that others need, at its newest release. Without one, at HEAD.
 * @param ref branch, tag or commit instead
 * @throws UserError as {@link locateVersions}
 */
export async function locateNewest(definition: RecipeDefinition, ref?: string): Promise<Located> {
  const { repo, warnings } = await locateVersions(definition);
  if (ref !== undefined) return { repo, headCommit: await repo.resolve(ref), warnings };
  const { releases } = await repo.releases();
  const newest = releases.at(-1);
  const none = "there is no release: it is deployed as it is at HEAD";
  const headCommit = newest?.commit ?? (await repo.resolve());
  return { repo, headCommit, release: newest !== undefined, warnings: newest ? warnings : [...warnings, none] };
}

/**
 * Renders base as a new app, and head as an upgrade of it. An operator's `.env` stays as base's sample made it, so
 * head gets that one, and what the definition's `upgradeEnv` says. Head is read as a new app as well: without a base
 * it is one, and with a base operators still install it.
 * @throws UserError(s) naming file and key when head can't be read, or can't be deployed over base
 * @throws BrokenBase when base can't be read, and head can
 */
export async function loadVersions(args: VersionsArgs, located: Located): Promise<Versions> {
  const { definition } = args;
  const { repo, headCommit, baseCommit } = located;
  const baseName = nameOfBase(located);
  const common = await commonOptions(args);
  return checkedOut(repo, headCommit, async (checkout) => {
    const options = { ...common, checkout, commit: headCommit };
    const [fresh, old] = await Promise.allSettled([
      loadOwn(options),
      baseCommit === undefined ? undefined : loadBase(repo, { ...common, commit: baseCommit }),
    ]);
    if (fresh.status === "rejected") throw fresh.reason;
    if (old.status === "rejected") throw brokenBase(baseName, old.reason);
    const { location } = repo;
    const { release } = located;
    const warnings = [...located.warnings, ...fresh.value.warnings];
    const base = old.value?.app;
    const upgrade = old.value && { from: baseName, sample: old.value.sample, added: definition.upgradeEnv };
    const head = upgrade
      ? await loadOwn({ ...options, upgrade }).catch((error) => {
          throw inUpgrade(baseName, error);
        })
      : fresh.value;
    return { location, release, base, head, warnings: distinct([...warnings, ...head.warnings]) };
  });
}

/**
 * Head once more under other names, as it is deployed: for a restore on a new server.
 * @throws UserError(s) as {@link loadVersions}
 */
export async function loadElsewhere(args: VersionsArgs, located: Located): Promise<AppSpec> {
  const { repo, headCommit: commit, baseCommit } = located;
  const sample = baseCommit === undefined ? undefined : await checkedOut(repo, baseCommit, readSample);
  const added = args.definition.upgradeEnv;
  const upgrade = sample === undefined ? undefined : { from: nameOfBase(located), sample, added };
  const options = { ...(await commonOptions({ ...args, names: namesElsewhere(args.names) })), commit };
  return checkedOut(repo, commit, (checkout) => loadOwn({ ...options, checkout, upgrade }));
}

async function commonOptions({ definition, names }: VersionsArgs) {
  const { name: recipe, env = {}, overlays } = definition;
  return { recipe, domain: names.domain, env, overlays, dockerCli: await dockerCli() };
}

function nameOfBase({ baseCommit = "", baseName = baseCommit.slice(0, 8) }: Located): string {
  return baseName;
}

interface OwnOptions extends LoadOptions {
  overlays?: SettledDefinition["overlays"];
}

async function loadOwn({ overlays, ...options }: OwnOptions): Promise<AppSpec> {
  return withOverlays(withFlatHosts(withOwnNames(await loadApp(options))), options.recipe, overlays);
}

async function loadBase(
  repo: RecipeRepo,
  options: Omit<OwnOptions, "checkout">,
): Promise<{ app: AppSpec; sample: string }> {
  return checkedOut(repo, options.commit, async (checkout) => ({
    app: await loadOwn({ ...options, checkout }),
    sample: await readSample(checkout),
  }));
}

async function checkedOut<T>(repo: RecipeRepo, commit: string, use: (checkout: string) => Promise<T>): Promise<T> {
  const checkout = await repo.checkout(commit);
  try {
    return await use(checkout);
  } finally {
    await rm(checkout, { recursive: true, force: true });
  }
}

function brokenBase(name: string, error: unknown): unknown {
  const what = parseVersion(name) ? "release" : "base";
  return rewritten(
    error,
    (errors) => new BrokenBase(errors.map((one) => new UserError(`${what} ${name}: ${describe(one)}`, { cause: one }))),
  );
}

/** As a new app head can be read, so it is the `.env` of operators that is to blame. */
function inUpgrade(name: string, error: unknown): unknown {
  return rewritten(
    error,
    (errors) =>
      new UserErrors(
        errors.map((one) => {
          if (describe(one).includes(name)) return one;
          const { place, remedy } = one;
          const message = `${one.message} (with the .env of operators who come from ${name})`;
          return new UserError(message, { place, remedy, cause: one });
        }),
      ),
  );
}

/** What a maintainer can mend said in other words; any other error as it is. */
function rewritten(error: unknown, rewrite: (errors: readonly UserError[]) => Error): unknown {
  return error instanceof UserError || error instanceof UserErrors ? rewrite(userErrors(error)) : error;
}

function distinct(lines: readonly string[]): string[] {
  return [...new Set(lines)];
}
