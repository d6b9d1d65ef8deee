import { CheckFailure } from "../checks/check.ts";
import type { CheckRecorder } from "../checks/recorder.ts";
import { ROUTED, routed } from "../checks/routed.ts";
import { type Adaptation, adaptToNode } from "../components/adapt.ts";
import { suits } from "../components/place.ts";
import { tooNewFor } from "../components/render/api-needs.ts";
import type { AppSpec } from "../compose/app-spec.ts";
import { pinnedReference } from "../images/digest.ts";
import { ensureImages } from "../images/ensure.ts";
import { PROBE_IMAGE, RESTIC_IMAGE } from "../images/own.ts";
import type { StandIn } from "../images/stand-in-label.ts";
import { PacedSteps } from "../lib/paced-steps.ts";
import { plural } from "../lib/plural.ts";
import { present } from "../lib/present.ts";
import type { OnStep } from "../lib/step.ts";
import type { RecipeDefinition } from "../recipes/define-recipe.ts";
import type { Engine, Swarm } from "../swarm/client.ts";
import { enginesOf, type SwarmNode } from "../swarm/engines.ts";
import { type EngineInfo, nodeInfo } from "../swarm/node-info.ts";
import { givePlace, type Place } from "../swarm/place.ts";
import { NAMES, namesKnown } from "./definition-names.ts";
import { exactServices } from "./exact-services.ts";
import { type Externals, findExternals } from "./externals.ts";
import { assertSecretsGiven } from "./given-secrets.ts";
import type { Versions } from "./versions.ts";

/** Versions made ready for a node: adapted to what it can do, every image at hand, what is external found. */
export interface Prepared extends Versions, Externals {
  node: EngineInfo;
  /** The node that the run was given; undefined in a Swarm of one. */
  place?: Place;
  adaptations: Adaptation[];
  standIns: StandIn[];
  pinnedImages: Record<string, string>;
  probeImage: string;
  resticImageId: string;
}

/** How a node is reached, and for which recipe. */
export interface NodeAccess {
  run: string;
  /** Name or id of the node that the run is to have. Default: the one with most free memory. */
  placeOn?: string;
  definition: RecipeDefinition;
  swarm: Swarm;
  /** host:port of its image mirror as its engine sees it; undefined when it has none. */
  mirror?: string;
  /** Told what takes long, a line at a time. */
  onProgress: (line: string) => void;
  /** Told it as steps instead, by who can show those. Default: lines by `onProgress`. */
  onStep?: OnStep;
}

/** Makes versions ready for a node, as the checks `prepare.*`. Nothing of the app is deployed yet. */
export async function prepareNode(
  versions: Versions,
  access: NodeAccess,
  recorder: CheckRecorder,
  signal: AbortSignal,
): Promise<Prepared> {
  const asked = { name: "prepare.node", title: "The node's engine answers", late: "infra" as const };
  const { node, place } = await recorder.record(asked, signal, () => askNode(versions, access));
  const adapt = (app: AppSpec) => adaptToNode(app, node.capabilities, place);
  const head = adapt(versions.head);
  const base = versions.base && adapt(versions.base);
  const prepared: Prepared = {
    ...versions,
    head: head.app,
    elsewhere: versions.elsewhere && adapt(versions.elsewhere).app,
    base: base?.app,
    node,
    place,
    adaptations: distinct([...(base?.adaptations ?? []), ...head.adaptations]),
    standIns: [],
    pinnedImages: {},
    probeImage: PROBE_IMAGE,
    resticImageId: "",
    externalNetworks: {},
    externalConfigs: {},
  };
  const services = { name: "prepare.services", title: "The node's engine can run every service as written" };
  await recorder.record(services, signal, () => findTooNew(prepared));
  await recorder.record(ROUTED, signal, async () => routed(prepared.head));
  const apps = prepared.base ? [prepared.base, prepared.head] : [prepared.head];
  await recorder.record(NAMES, signal, async () => namesKnown(access.definition, apps));
  const secrets = { name: "prepare.secrets", title: "Every secret has a value or can be generated" };
  await recorder.record(secrets, signal, () => findMissingSecrets(apps, access.definition));
  const externals = { name: "prepare.externals", title: "The networks and configs the recipe expects are there" };
  const images = {
    name: "prepare.images",
    title: "Every image can be had",
    deadline: "30 min" as const,
    late: "infra" as const,
  };
  await recorder.record(externals, signal, () => lookUpExternals(prepared, access));
  await recorder.record(images, signal, (inner) => findImages(prepared, access, inner));
  return prepared;
}

async function askNode({ base, head }: Versions, { swarm, run, placeOn }: NodeAccess) {
  const services = [...(base?.services ?? []), ...head.services];
  const unsuited = (node: SwarmNode) => services.filter((service) => !suits(service, node)).length;
  const place = await givePlace(swarm, { run, wanted: placeOn, unsuited });
  const node = await nodeInfo(swarm, place);
  const where = place ? ` on node ${place.name}` : "";
  return { summary: `Docker Engine ${node.engineVersion}${where}`, node, place };
}

async function findTooNew({ base, head, node }: Prepared) {
  const problems = [base, head].flatMap((app) => (app ? tooNewFor(app, node.apiVersion) : []));
  if (problems.length > 0) throw new CheckFailure([...new Set(problems)].join("\n"), { owner: "infra" });
  const exact = [...exactServices(base, head)];
  const note = exact.length ? `; by the Engine API itself: ${exact.join(", ")}` : "";
  return { summary: `${plural(head.services.length, "service")}${note}` };
}

async function findMissingSecrets(apps: AppSpec[], definition: RecipeDefinition) {
  assertSecretsGiven(definition, apps);
  return { summary: plural(new Set(apps.flatMap((app) => app.secrets.map(({ name }) => name))).size, "secret") };
}

async function lookUpExternals(prepared: Prepared, { definition, swarm }: NodeAccess) {
  const found = await findExternals(prepared.base, prepared.head, swarm, definition.provides);
  Object.assign(prepared, found);
  const details = { ...found.externalNetworks, ...found.externalConfigs };
  return { summary: Object.keys(details).join(", ") || "none", details };
}

async function findImages(prepared: Prepared, access: NodeAccess, signal: AbortSignal) {
  const { swarm, mirror, onStep = new PacedSteps(access.onProgress).step } = access;
  const apps = [prepared.base, prepared.head].flatMap((app) => app ?? []);
  const wanted = apps.flatMap((app) =>
    app.services.map((service) => ({
      image: service.image,
      usedBy: { file: `${app.recipe} ${app.version ?? app.commit.slice(0, 8)}`, key: `services.${service.key}.image` },
    })),
  );
  const own = [PROBE_IMAGE, RESTIC_IMAGE].map((image) => ({ image, usedBy: { file: "recipe-ci itself" }, ours: true }));
  const engine = prepared.place?.engine ?? swarm;
  const images = [...wanted, ...own];
  const { ready, standIns } = await ensureImages({ swarm: engine, images, mirror, onStep, signal });
  for (const other of await othersNeeded(prepared, swarm, apps))
    await ensureImages({ swarm: other, images: wanted, mirror, onStep, signal });
  prepared.standIns = standIns;
  for (const { image } of ready) prepared.pinnedImages[image] = (await pinnedReference(engine, image)) ?? image;
  prepared.probeImage = prepared.pinnedImages[PROBE_IMAGE] ?? PROBE_IMAGE;
  prepared.resticImageId = present(
    ready.find(({ image }) => image === RESTIC_IMAGE),
    "restic's image",
  ).id;
  const details = Object.fromEntries(ready.map(({ image, origin }) => [image, origin]));
  return { summary: `${ready.length} images, ${standIns.length} of them stand-ins`, details };
}

/** A service that its recipe sends elsewhere may come to any other node. */
async function othersNeeded({ place }: Prepared, swarm: Swarm, apps: readonly AppSpec[]): Promise<Engine[]> {
  if (!place || apps.every(({ services }) => services.every((service) => suits(service, place)))) return [];
  return (await enginesOf(swarm)).filter(({ host }) => host !== place.engine.host);
}

function distinct(adaptations: Adaptation[]): Adaptation[] {
  const byText = new Map(adaptations.map((one) => [`${one.subject} ${one.change}`, one]));
  return [...byText.values()];
}
