import { rm } from "node:fs/promises";
import { CheckFailure } from "../checks/check.ts";
import type { CheckRecorder } from "../checks/recorder.ts";
import { type Adaptation, adaptToNode } from "../components/adapt.ts";
import { tooNewFor } from "../components/render/api-needs.ts";
import type { AppSpec } from "../compose/app-spec.ts";
import { repoFromFolder } from "../compose/folder-repo.ts";
import { loadApp } from "../compose/load.ts";
import { runDomain } from "../compose/names.ts";
import type { RecipeRepo } from "../compose/recipe-repo.ts";
import { openSource } from "../compose/source.ts";
import { pinnedReference } from "../images/digest.ts";
import { ensureImages } from "../images/ensure.ts";
import { PROBE_IMAGE, RESTIC_IMAGE } from "../images/own.ts";
import type { StandIn } from "../images/stand-in-label.ts";
import { describe, InfraError, UserError } from "../lib/errors.ts";
import { home } from "../lib/home.ts";
import { plural } from "../lib/plural.ts";
import { dockerCli } from "../machine/docker-cli.ts";
import type { RecipeDefinition } from "../recipes/define-recipe.ts";
import type { Swarm } from "../swarm/client.ts";
import { networkId } from "../swarm/networks.ts";
import { type EngineInfo, nodeInfo } from "../swarm/node-info.ts";
import { exactServices } from "./exact-services.ts";
import { missingSecrets } from "./given-secrets.ts";

/** The two versions of a recipe that a run is about, as AppSpecs under the run's own names. */
export interface Versions {
  location: string;
  base?: AppSpec;
  head: AppSpec;
  warnings: string[];
}

export interface VersionsArgs {
  run: string;
  definition: RecipeDefinition;
  /** Ref to test. Default: the repository's HEAD. */
  ref?: string;
  /** Parent of the run's domain. Default `ci.test`. */
  baseDomain?: string;
}

/** A recipe's repository and the commits a run is about. */
export interface Located {
  repo: RecipeRepo;
  headCommit: string;
  /** The newest release older than head. */
  baseCommit?: string;
  warnings: string[];
}

/** Opens the recipe's repository and finds head and base. @throws UserError for a source or ref that is not there */
export async function locateVersions(definition: RecipeDefinition, ref = "HEAD"): Promise<Located> {
  const { source } = definition;
  if (source === undefined) throw new UserError(`recipe "${definition.name}" has no source`);
  const cacheDir = home("git");
  const repo =
    typeof source === "string"
      ? await openSource(source, { cacheDir })
      : await repoFromFolder({ folder: source.folder, releases: source.releases, cacheDir });
  const headCommit = await repo.resolve(ref);
  const [base, releases] = await Promise.all([repo.base(headCommit), repo.releases()]);
  const warnings = [...repo.warnings, ...releases.warnings];
  return { repo, headCommit, baseCommit: base?.commit, warnings };
}

/** Renders head and base. @throws UserError(s) naming file and key when the recipe can't be read */
export async function loadVersions(args: VersionsArgs, located: Located): Promise<Versions> {
  const domain = runDomain(args.definition.name, args.run, args.baseDomain);
  const cli = await dockerCli();
  const load = async (commit: string) => {
    const checkout = await located.repo.checkout(commit);
    try {
      const { name: recipe, env } = args.definition;
      return await loadApp({ checkout, recipe, commit, domain, env: env ?? {}, dockerCli: cli });
    } finally {
      await rm(checkout, { recursive: true, force: true });
    }
  };
  const [head, base] = await Promise.all([load(located.headCommit), located.baseCommit && load(located.baseCommit)]);
  const warnings = [...new Set([...located.warnings, ...head.warnings])];
  return { location: located.repo.location, base: base || undefined, head, warnings };
}

/** Versions made ready for a node: adapted to what it can do, every image at hand, external networks found. */
export interface Prepared extends Versions {
  node: EngineInfo;
  adaptations: Adaptation[];
  standIns: StandIn[];
  pinnedImages: Record<string, string>;
  probeImage: string;
  resticImageId: string;
  externalNetworks: Record<string, string>;
}

/** How a node is reached, and for which recipe. */
export interface NodeAccess {
  definition: RecipeDefinition;
  swarm: Swarm;
  /** host:port of its image mirror as its engine sees it; undefined when it has none. */
  mirror?: string;
  /** Told what takes long. */
  onProgress: (line: string) => void;
}

/** Makes versions ready for a node, as the checks `prepare.*`. Nothing of the app is deployed yet. */
export async function prepareNode(
  versions: Versions,
  access: NodeAccess,
  recorder: CheckRecorder,
  signal: AbortSignal,
): Promise<Prepared> {
  const { swarm } = access;
  const node = await nodeInfo(swarm);
  const head = adaptToNode(versions.head, node.capabilities);
  const base = versions.base && adaptToNode(versions.base, node.capabilities);
  const prepared: Prepared = {
    ...versions,
    head: head.app,
    base: base?.app,
    node,
    adaptations: distinct([...(base?.adaptations ?? []), ...head.adaptations]),
    standIns: [],
    pinnedImages: {},
    probeImage: PROBE_IMAGE,
    resticImageId: "",
    externalNetworks: {},
  };
  const services = { name: "prepare.services", title: "The node's engine can run every service as written" };
  await recorder.record(services, signal, () => findTooNew(prepared));
  const secrets = { name: "prepare.secrets", title: "Every secret has a value or can be generated" };
  await recorder.record(secrets, signal, () => findMissingSecrets(prepared, access.definition));
  const network = { name: "prepare.networks", title: "The networks the recipe expects are there" };
  const images = { name: "prepare.images", title: "Every image can be had", deadline: "30 min" as const };
  await recorder.record(network, signal, () => findNetworks(prepared, swarm));
  await recorder.record(images, signal, (inner) => findImages(prepared, access, inner));
  return prepared;
}

async function findTooNew({ base, head, node }: Prepared) {
  const problems = [base, head].flatMap((app) => (app ? tooNewFor(app, node.apiVersion) : []));
  if (problems.length > 0) throw new CheckFailure([...new Set(problems)].join("\n"), { blame: "infra" });
  const exact = [...exactServices(base, head)];
  const note = exact.length ? `; by the Engine API itself: ${exact.join(", ")}` : "";
  return { summary: `${plural(head.services.length, "service")}${note}` };
}

async function findMissingSecrets({ base, head }: Prepared, definition: RecipeDefinition) {
  const apps = [base, head].flatMap((app) => app ?? []);
  const missing = missingSecrets(definition, apps);
  if (missing.length > 0) throw new CheckFailure(missing.join("\n"), { blame: "infra" });
  return { summary: plural(new Set(apps.flatMap((app) => app.secrets.map(({ name }) => name))).size, "secret") };
}

async function findNetworks(prepared: Prepared, swarm: Swarm) {
  const apps = [prepared.base, prepared.head].flatMap((app) => app ?? []);
  const names = new Set(apps.flatMap((app) => app.networks.filter((net) => net.external).map((net) => net.name)));
  for (const name of names) {
    const id = await networkId(swarm, name);
    if (!id) throw new CheckFailure(`the node has no network "${name}", which the recipe declares external`);
    prepared.externalNetworks[name] = id;
  }
  return { summary: names.size ? [...names].join(", ") : "none", details: { ...prepared.externalNetworks } };
}

async function findImages(prepared: Prepared, { swarm, mirror, onProgress }: NodeAccess, signal: AbortSignal) {
  const apps = [prepared.base, prepared.head].flatMap((app) => app ?? []);
  const wanted = apps.flatMap((app) =>
    app.services.map((service) => ({
      image: service.image,
      usedBy: { file: `${app.recipe} ${app.version ?? app.commit.slice(0, 8)}`, key: `services.${service.key}.image` },
    })),
  );
  const own = [PROBE_IMAGE, RESTIC_IMAGE].map((image) => ({ image, usedBy: { file: "recipe-ci itself" } }));
  try {
    const images = [...wanted, ...own];
    const { ready, standIns } = await ensureImages({ swarm, images, mirror, onProgress, signal });
    prepared.standIns = standIns;
    for (const { image } of ready) prepared.pinnedImages[image] = (await pinnedReference(swarm, image)) ?? image;
    prepared.probeImage = prepared.pinnedImages[PROBE_IMAGE] ?? PROBE_IMAGE;
    prepared.resticImageId = ready.find(({ image }) => image === RESTIC_IMAGE)?.id ?? "";
    const details = Object.fromEntries(ready.map(({ image, origin }) => [image, origin]));
    return { summary: `${ready.length} images, ${standIns.length} of them stand-ins`, details };
  } catch (error) {
    throw new CheckFailure(describe(error), { blame: error instanceof InfraError ? "infra" : "recipe" });
  }
}

function distinct(adaptations: Adaptation[]): Adaptation[] {
  const byText = new Map(adaptations.map((one) => [`${one.subject} ${one.change}`, one]));
  return [...byText.values()];
}
