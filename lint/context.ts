import { join } from "node:path";
import { git } from "../source/git.ts";
import type { Releases } from "../source/recipe-repo.ts";
import type { RecipeVersion } from "../source/version.ts";
import { type Readme, readReadme } from "./readme.ts";
import { type RecipeState, readState, type StateOptions } from "./recipe-state.ts";

/** What every rule looks at. */
export interface LintContext {
  recipe: string;
  /** The recipe at the commit under review. */
  head: RecipeState;
  /** The newest release among head's ancestors, itself excepted. */
  base?: { version: RecipeVersion; state: RecipeState };
  releases: Releases;
  /** URL of the repository's remote `origin`, or the URL it was read from; undefined for a folder without one. */
  origin?: string;
  /** Metadata block of the README. */
  readme: Readme;
  /** Checks of its own that the recipe's `ci.ts` has. */
  ownChecks: number;
}

export interface ContextOptions extends StateOptions {
  /** Default 0. */
  ownChecks?: number;
}

/**
 * Reads everything the rules need, from the recipe's repository alone: no engine.
 * @throws InfraError when there is no Docker CLI or the files can't be fetched
 */
export async function readContext(options: ContextOptions): Promise<LintContext> {
  const { repo, commit, recipe } = options;
  const [head, release, releases, origin] = await Promise.all([
    readState(options),
    repo.base(commit),
    repo.releases(),
    originOf(repo.location),
  ]);
  const base = release && {
    version: release.version,
    state: await readState({ ...options, commit: release.commit }),
  };
  const readme = readReadme((await head.read("README.md")) ?? "");
  return { recipe, head, base, releases, origin, readme, ownChecks: options.ownChecks ?? 0 };
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
