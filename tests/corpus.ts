import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { AppSpec } from "../compose/app-spec.ts";
import { appEnv, type LoadOptions, loadApp } from "../compose/load.ts";
import { shortHash } from "../lib/names.ts";
import { projectPath } from "../lib/project.ts";
import { dockerCli } from "../machine/docker-cli.ts";

const FOLDER = projectPath("tests/recipes");

/** Recipes whose domain is not `<four letters>-<hash>.ci.test`, as a run's is. */
const DOMAINS: Record<string, string> = {
  "long-names": "a-rather-long-host-name.of-an-organisation.ci.test",
};

/** Names of the recipes under `tests/recipes`; the comment at the top of each says what it is about. */
export async function corpus(): Promise<string[]> {
  return (await readdir(FOLDER)).sort();
}

/** How a recipe of the corpus is loaded. `run` keeps the names of concurrent tests apart. */
export async function corpusOptions(recipe: string, run = ""): Promise<LoadOptions> {
  const hash = shortHash([recipe, run], 6);
  return {
    checkout: join(FOLDER, recipe),
    recipe,
    commit: "0123456789abcdef0123456789abcdef01234567",
    domain: DOMAINS[recipe] ?? `${recipe.slice(0, 4).replace(/-$/, "")}-${hash}.ci.test`,
    dockerCli: await dockerCli(),
  };
}

/** A recipe of the corpus as an AppSpec. */
export async function loadCorpus(recipe: string, run = ""): Promise<AppSpec> {
  return loadApp(await corpusOptions(recipe, run));
}

/** All variables of a recipe's app, as `abra app deploy` has them. */
export async function corpusEnv(recipe: string, run = ""): Promise<Record<string, string>> {
  return (await appEnv(await corpusOptions(recipe, run))).env;
}
