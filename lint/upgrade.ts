import { rm } from "node:fs/promises";
import type { AppSpec } from "../compose/app-spec.ts";
import { readSample } from "../compose/env/app-env.ts";
import { runDomain } from "../compose/env/stack-name.ts";
import { type LoadOptions, loadApp } from "../compose/load.ts";
import type { Change } from "../diff/change.ts";
import { diffApps } from "../diff/diff-apps.ts";
import { UserError, userErrors } from "../lib/errors.ts";
import type { Release } from "../source/recipe-repo.ts";
import type { StateOptions } from "./recipe-state.ts";

export interface UpgradeOptions extends StateOptions {
  /** What release notes ask operators to set before they upgrade. Default nothing. */
  upgradeEnv?: Readonly<Record<string, string>>;
}

/**
 * Why operators who have a release can't upgrade to a commit: their `.env` is the one that the release's sample made,
 * and Swarm refuses some changes. What is wrong with a config has a rule of its own. A release that can't be loaded
 * itself says nothing.
 * @throws InfraError when there is no Docker CLI
 */
export async function upgradeMistakes(options: UpgradeOptions, release: Release): Promise<readonly UserError[]> {
  const { commit, recipe, dockerCli, env, upgradeEnv, signal } = options;
  const common = { recipe, domain: runDomain(recipe, "lint"), env, dockerCli, signal };
  const from = release.version.text;
  try {
    const base = await loadedAt(options, { ...common, commit: release.commit });
    if ("mistakes" in base) return [];
    const upgrade = { from, sample: base.sample, added: upgradeEnv };
    const head = await loadedAt(options, { ...common, commit, upgrade });
    if ("mistakes" in head) return head.mistakes;
    return diffApps(base.app, head.app)
      .filter(({ severity, area }) => severity === "error" && area !== "config")
      .map(asMistake);
  } catch (error) {
    // A checkout that can't be made is told where its files are read.
    userErrors(error);
    return [];
  }
}

function asMistake({ area, subject, note }: Change): UserError {
  if (area === "version") {
    const remedy = "Raise the version label above that of the newest release.";
    return new UserError(`version ${note}`, { remedy, place: { key: "services.app.deploy.labels" } });
  }
  const [key = ""] = subject.split(" ");
  const isObject = ["secret", "volume", "network"].includes(area);
  return new UserError(`${area} changed: ${note}`, { place: { key: `${isObject ? area : "service"}s.${key}` } });
}

type Loaded = { app: AppSpec; sample: string } | { mistakes: readonly UserError[] };

async function loadedAt({ repo }: StateOptions, options: Omit<LoadOptions, "checkout">): Promise<Loaded> {
  const checkout = await repo.checkout(options.commit);
  try {
    return { app: await loadApp({ ...options, checkout }), sample: await readSample(checkout) };
  } catch (error) {
    return { mistakes: userErrors(error) };
  } finally {
    await rm(checkout, { recursive: true, force: true });
  }
}
