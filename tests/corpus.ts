import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { AppSpec } from "../compose/app-spec.ts";
import { readSample } from "../compose/env/app-env.ts";
import { type LoadOptions, loadApp } from "../compose/load.ts";
import { shortHash } from "../lib/names.ts";
import { projectPath } from "../lib/project.ts";
import { dockerCli } from "../machine/docker-cli.ts";

const RECIPES = projectPath("tests/recipes");
const UPGRADES = projectPath("tests/upgrades");

/** Recipes whose domain is not `<four letters>-<hash>.ci.test`, as a run's is. */
const DOMAINS: Record<string, string> = {
  "long-names": "a-rather-long-host-name.of-an-organisation.ci.test",
};

/** What operators are told to set for an upgrade: all else of their `.env` stays as base's sample made it. */
const TOLD: Record<string, Record<string, string>> = {
  environment: { CHANGED: "after", ADDED: "yes" },
  secrets: { SECRET_ROTATED_VERSION: "v2", SECRET_ADDED_VERSION: "v1" },
  services: { SECRET_STORE_VERSION: "v1" },
};

/** Commits that the versions of a recipe are of, oldest first. */
const COMMITS = ["0123456789abcdef0123456789abcdef01234567", "89abcdef0123456789abcdef0123456789abcdef"];

/** Recipes of real applications, which have whole runs of their own. */
export const APPLICATIONS: readonly string[] = [
  "gitea",
  "keycloak",
  "matrix-synapse",
  "miniflux",
  "mumble",
  "wordpress",
];

/** Names of the small recipes under `tests/recipes`; the comment at the top of each says what it is about. */
export async function corpus(): Promise<string[]> {
  return (await readdir(RECIPES)).filter((name) => !APPLICATIONS.includes(name)).sort();
}

/** Names of the upgrades under `tests/upgrades`, each with `base` and `head`; base says at its top what it is about. */
export async function upgrades(): Promise<string[]> {
  return (await readdir(UPGRADES)).sort();
}

/** How a recipe of the corpus is loaded. `run` keeps the names of concurrent tests apart. */
export async function corpusOptions(recipe: string, run = ""): Promise<LoadOptions> {
  return versionOptions(recipe, run, join(RECIPES, recipe));
}

/** How both versions of an upgrade are loaded, base first: one app, under one domain, with the `.env` base made. */
export async function upgradeOptions(upgrade: string, run = ""): Promise<LoadOptions[]> {
  const [old, now] = ["base", "head"].map((version) => join(UPGRADES, upgrade, version)) as [string, string];
  const base = await versionOptions(upgrade, run, old, COMMITS[0]);
  const head = await versionOptions(upgrade, run, now, COMMITS[1]);
  return [base, { ...head, upgrade: { from: "base", sample: await readSample(old), added: TOLD[upgrade] } }];
}

/** A recipe of the corpus as an AppSpec. */
export async function loadCorpus(recipe: string, run = ""): Promise<AppSpec> {
  return loadApp(await corpusOptions(recipe, run));
}

async function versionOptions(
  recipe: string,
  run: string,
  checkout: string,
  commit = COMMITS[0] ?? "",
): Promise<LoadOptions> {
  const hash = shortHash([recipe, run], 6);
  const domain = DOMAINS[recipe] ?? `${recipe.slice(0, 4).replace(/-$/, "")}-${hash}.ci.test`;
  return { checkout, recipe, commit, domain, dockerCli: await dockerCli() };
}
