import { shortHash } from "../../lib/names.ts";

/** abra's own limit for a stack name (MAX_SANITISED_APP_NAME_LENGTH); what is longer is cut. */
export const STACK_NAME_LIMIT = 45;

/** What the objects of one run are named after: computed once, and carried. */
export interface RunNames {
  /** The run's own domain: no other run, of whatever recipe, deploys under it. */
  domain: string;
  /** The Swarm namespace that follows from it. */
  namespace: string;
}

/** The names of a run. @param baseDomain parent of its domain, default `ci.test` */
export function runNames(recipe: string, run: string, baseDomain?: string): RunNames {
  const domain = runDomain(recipe, run, baseDomain);
  return { domain, namespace: stackName(domain) };
}

/** Names for the same app once more, as on another server: of the same form and length. */
export function namesElsewhere({ domain }: RunNames): RunNames {
  const [letters = "", ...parents] = domain.split(".");
  const again = `${letters.slice(0, -6)}${shortHash([domain, "elsewhere"], 6)}`;
  const elsewhere = [again, ...parents].join(".");
  return { domain: elsewhere, namespace: stackName(elsewhere) };
}

/**
 * The domain a run deploys under: four letters of the recipe and six digits of the run's hash, so that the names
 * made from it stay within Swarm's limits, e.g. `cust-1a2b3c.ci.test`.
 */
export function runDomain(recipe: string, runId: string, baseDomain = "ci.test"): string {
  const letters = recipe
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, "")
    .slice(0, 4)
    .replace(/^-+|-+$/g, "");
  return `${letters || "app"}-${shortHash([recipe, runId], 6)}.${baseDomain}`;
}

/** The Swarm namespace abra derives from an app's name: dots become underscores, cut to 45 characters. */
export function stackName(appName: string): string {
  return appName.replaceAll(".", "_").slice(0, STACK_NAME_LIMIT);
}
