import { join } from "node:path";
import type { UserError } from "../lib/errors.ts";
import { git } from "../source/git.ts";
import type { Releases } from "../source/recipe-repo.ts";
import type { RecipeVersion } from "../source/version.ts";
import { type Readme, readReadme } from "./readme.ts";
import { type RecipeState, readStates } from "./recipe-state.ts";
import { type UpgradeOptions, upgradeMistakes } from "./upgrade.ts";

/** What every rule looks at. */
export interface LintContext {
  recipe: string;
  /** The recipe at the commit under review, in one of the combinations of files that its sample offers. */
  head: RecipeState;
  /** All of them, first that of an operator who changes nothing. Every rule is asked with each as `head`. */
  combinations: readonly [RecipeState, ...RecipeState[]];
  /** The newest release among head's ancestors, itself excepted, in every combination. */
  base?: { version: RecipeVersion; states: readonly [RecipeState, ...RecipeState[]] };
  /** Why operators of the base can't upgrade to head. */
  upgradeMistakes: readonly UserError[];
  releases: Releases;
  /** URL of the repository's remote `origin`, or the URL it was read from; undefined for a folder without one. */
  origin?: string;
  /** Metadata block of the README. */
  readme: Readme;
  /** Checks of its own that the recipe's `ci.ts` has. */
  ownChecks: number;
}

export interface ContextOptions extends UpgradeOptions {
  /** Default 0. */
  ownChecks?: number;
}

/**
 * Reads everything the rules need, from the recipe's repository alone: no engine.
 * @throws InfraError when there is no Docker CLI or the files can't be fetched
 */
export async function readContext(options: ContextOptions): Promise<LintContext> {
  const { repo, commit, recipe } = options;
  const [combinations, release, releases, origin] = await Promise.all([
    readStates({ ...options, joint: true }),
    repo.base(commit),
    repo.releases(),
    originOf(repo.location),
  ]);
  const base = release && {
    version: release.version,
    states: await readStates({ ...options, joint: false, commit: release.commit }),
  };
  const [head] = combinations;
  const readme = readReadme((await head.read("README.md")) ?? "");
  const mistakes = release ? await upgradeMistakes(options, release) : [];
  const found = { head, combinations, base, upgradeMistakes: mistakes, releases, origin, readme };
  return { recipe, ...found, ownChecks: options.ownChecks ?? 0 };
}

/** Asks the folder's own git only: one further up may be of another project. */
async function originOf(location: string): Promise<string | undefined> {
  if (/^[a-z+]+:\/\/|^[\w.-]+@[\w.-]+:/i.test(location)) return location.startsWith("file:") ? undefined : location;
  for (const gitDir of [join(location, ".git"), location]) {
    const url = await git(["config", "--local", "--get", "remote.origin.url"], { gitDir }).catch(() => "");
    if (url) return url;
  }
  return undefined;
}
