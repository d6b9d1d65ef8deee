import { homedir } from "node:os";
import { join } from "node:path";

/**
 * The folder for everything recipe-ci keeps outside a checkout: a built Pulumi, caches, machines, runs, state.
 * `RECIPE_CI_HOME`, else `$XDG_CACHE_HOME/recipe-ci`, else `~/.cache/recipe-ci`.
 */
export function home(...parts: string[]): string {
  const base = process.env.RECIPE_CI_HOME ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "recipe-ci");
  return join(base, ...parts);
}

/** Where a Docker CLI that was built here lies. */
export function builtDockerCli(): string {
  return home("engine", "docker-cli", "docker");
}
