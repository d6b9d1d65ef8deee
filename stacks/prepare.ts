import { ensureBrowser } from "../checks/browser/programs.ts";
import type { Evidence } from "../checks/check.ts";
import { CheckFailure } from "../checks/check-failure.ts";
import { entryAnswering } from "../checks/http/entry-answers.ts";
import { ROUTED, routed } from "../checks/http/routed.ts";
import type { CheckRecorder } from "../checks/recorder.ts";
import { sharedNames } from "../checks/shared-names.ts";
import { adaptToNode } from "../components/adapt.ts";
import type { Adaptation } from "../components/adaptation.ts";
import { suits } from "../components/place.ts";
import { tooNewFor } from "../components/render/api-needs.ts";
import type { AppSpec } from "../compose/app-spec.ts";
import { PROBE_IMAGE } from "../images/own.ts";
import { plural } from "../lib/plural.ts";
import type { SettledDefinition } from "../recipes/settle.ts";
import { type SwarmNode, swarmNodes } from "../swarm/engines.ts";
import { nodeInfo } from "../swarm/node-info.ts";
import { givePlace } from "../swarm/place.ts";
import { besideFirst } from "./beside-first.ts";
import { NAMES, namesKnown } from "./definition-names.ts";
import { appsOf, type Deployment, subjectOf } from "./deployments.ts";
import { exactServices } from "./exact-services.ts";
import { findExternals, providedNames } from "./externals.ts";
import { assertSecretsGiven } from "./given-secrets.ts";
import { trustNode } from "./node-authority.ts";
import { assertApart } from "./once-on-node.ts";
import { chargedTo, lookAt } from "./plan/dependency-checks.ts";
import { planRun, restoresElsewhere } from "./plan/recipe-plan.ts";
import { prepareImages } from "./prepare-images.ts";
import type { NodeAccess, Prepared } from "./prepared.ts";
import { withoutRoom } from "./room-on-nodes.ts";
import { signsOnInBrowser } from "./sign-on.ts";

/**
 * Makes the deployments of a run ready for a node, as the checks `prepare.*`, and plans what it asserts. Nothing is
 * deployed yet.
 */
export async function prepareNode(
  loaded: readonly Deployment[],
  access: NodeAccess,
  recorder: CheckRecorder,
  signal: AbortSignal,
): Promise<Prepared> {
  const asked = {
    name: "prepare.node",
    title: "The node's engine answers, and so does its Traefik",
    late: "infra" as const,
  };
  const { node, place, entry } = await recorder.record(asked, signal, () => askNode(loaded, access));
  const adaptations: Adaptation[] = [];
  const fitted = (app: AppSpec, definition: SettledDefinition) => {
    const trusting = trustNode(app, definition, entry);
    const adapted = adaptToNode(trusting.app, node.capabilities, place);
    return { app: adapted.app, adaptations: [...trusting.adaptations, ...adapted.adaptations] };
  };
  const adapt = (app: AppSpec, definition: SettledDefinition) => {
    const own = fitted(app, definition);
    adaptations.push(...own.adaptations);
    return own.app;
  };
  const deployments = loaded.map((one) => {
    const { base, head, definition } = one;
    return { ...one, base: base && adapt(base, definition), head: adapt(head, definition) };
  });
  const { plan } = await recorder.record(NAMES, signal, async () => {
    const known = ofEach(deployments, (one) => namesKnown(one.definition, appsOf([one]), deployments));
    return { ...known, plan: planRun(deployments) };
  });
  // Beside the checks, which wait for the engine.
  const second = restoresElsewhere(plan) ? access.second() : undefined;
  second?.catch(() => undefined);
  const prepared: Prepared = {
    deployments,
    plan,
    node,
    place,
    entry,
    adaptations: distinct(adaptations),
    standIns: [],
    pinnedImages: {},
    probeImage: PROBE_IMAGE,
    resticImageId: "",
    externalNetworks: {},
    externalConfigs: {},
  };
  const services = { name: "prepare.services", title: "The node's engine can run every service as written" };
  await recorder.record(services, signal, () => findTooMuch(prepared, access));
  await recorder.record(ROUTED, signal, async () => ofEach(deployments, ({ head }) => routed(head)));
  const secrets = { name: "prepare.secrets", title: "Every secret has a value or can be generated" };
  await recorder.record(secrets, signal, () => findMissingSecrets(deployments));
  const externals = { name: "prepare.externals", title: "The networks and configs the recipe expects are there" };
  const images = {
    name: "prepare.images",
    title: "Every image can be had",
    deadline: "30 min" as const,
    late: "infra" as const,
  };
  if (asksBrowser(deployments)) prepared.browser = await findBrowser(access, recorder, signal);
  await recorder.record(externals, signal, () => lookUpExternals(prepared, access));
  await recorder.record(images, signal, (inner) => prepareImages(prepared, access, inner));
  const elsewhere = await second;
  if (!elsewhere) return prepared;
  // It is fitted to the node as the first one is, which has been told.
  const beside = besideFirst(fitted(elsewhere, subjectOf(deployments).definition).app);
  return { ...prepared, elsewhere: beside.app, adaptations: [...prepared.adaptations, ...beside.adaptations] };
}

/** Whether anything that a definition asks of the subject goes through a browser, or the way to a provider's tokens. */
function asksBrowser(deployments: readonly Deployment[]): boolean {
  const { custom = [], journeys = [] } = subjectOf(deployments).definition;
  const parents = deployments.map(({ definition }) => definition);
  const asked = [...custom, ...journeys].some(({ browser }) => browser !== undefined);
  return asked || parents.some((one) => signsOnInBrowser(one, parents));
}

async function findBrowser({ onProgress }: NodeAccess, recorder: CheckRecorder, signal: AbortSignal) {
  const asked = {
    name: "prepare.browser",
    title: "The browser that checks of ci.ts ask for is there",
    deadline: "10 min" as const,
    late: "infra" as const,
  };
  const { programs } = await recorder.record(asked, signal, async () => {
    const found = await ensureBrowser(onProgress);
    return { summary: found.chromium, programs: found };
  });
  return programs;
}

/** What holds of each, in one line. */
function ofEach(deployments: readonly Deployment[], look: (one: Deployment) => Evidence): Evidence {
  const seen = deployments.map((one) => {
    const { summary } = lookAt(one, () => look(one));
    return deployments.length > 1 ? `${one.definition.name}: ${summary}` : summary;
  });
  return { summary: seen.join("; ") };
}

async function askNode(deployments: readonly Deployment[], { swarm, run, placeOn }: NodeAccess) {
  const services = appsOf(deployments).flatMap((app) => app.services);
  const unsuited = (node: SwarmNode) => services.filter((service) => !suits(service, node)).length;
  const wanted = placeOn ? [placeOn] : deployments.flatMap(({ definition }) => definition.placeOn ?? []);
  const place = await givePlace(swarm, { run, wanted: [...new Set(wanted)], unsuited });
  const node = await nodeInfo(swarm, place);
  const where = place ? ` on node ${place.name}` : "";
  const entry = await entryAnswering(swarm);
  const way = entry ? `, Traefik at ${entry.address}:${entry.port} for *.${entry.baseDomain}` : ", no Traefik";
  return { summary: `Docker Engine ${node.engineVersion}${where}${way}`, node, place, entry };
}

async function findTooMuch({ deployments, node }: Prepared, { swarm }: NodeAccess) {
  assertApart(deployments);
  const apps = appsOf(deployments);
  const nodes = await swarmNodes(swarm);
  const problems = apps.flatMap((app) => [...tooNewFor(app, node.apiVersion), ...withoutRoom(app, nodes)]);
  if (problems.length > 0) throw new CheckFailure([...new Set(problems)].join("\n"), { owner: "infra" });
  const exact = deployments.flatMap(({ base, head }) => [...exactServices(base, head)]);
  const note = exact.length ? `; by the Engine API itself: ${exact.join(", ")}` : "";
  const count = deployments.flatMap(({ head }) => head.services).length;
  return { summary: `${plural(count, "service")}${note}` };
}

async function findMissingSecrets(deployments: readonly Deployment[]) {
  for (const one of deployments) lookAt(one, () => assertSecretsGiven(one.definition, appsOf([one])));
  const names = appsOf(deployments).flatMap((app) => app.secrets.map(({ name }) => name));
  return { summary: plural(new Set(names).size, "secret") };
}

async function lookUpExternals(prepared: Prepared, { swarm }: NodeAccess) {
  const provided = providedNames(prepared.deployments);
  for (const one of prepared.deployments) {
    const finding = findExternals(one.base, one.head, swarm, { networks: provided });
    const found = await finding.catch((error: unknown) => {
      throw chargedTo(one, error);
    });
    Object.assign(prepared.externalNetworks, found.externalNetworks);
    Object.assign(prepared.externalConfigs, found.externalConfigs);
  }
  const details = { ...prepared.externalNetworks, ...prepared.externalConfigs };
  const proxy = prepared.externalNetworks.proxy;
  const shared = await Promise.all(prepared.deployments.map(({ head }) => sharedNames(swarm, head, proxy)));
  return { summary: [Object.keys(details).join(", ") || "none", ...shared.flat()].join("; "), details };
}

function distinct(adaptations: Adaptation[]): Adaptation[] {
  const byText = new Map(adaptations.map((one) => [`${one.subject} ${one.change}`, one]));
  return [...byText.values()];
}
