import type { Evidence } from "../checks/check.ts";
import { suits } from "../components/place.ts";
import type { AppSpec } from "../compose/app-spec.ts";
import { pinnedReference } from "../images/digest.ts";
import { ensureImages } from "../images/ensure.ts";
import { PROBE_IMAGE, RESTIC_IMAGE } from "../images/own.ts";
import { parseReference } from "../images/reference.ts";
import { PacedSteps } from "../lib/paced-steps.ts";
import { present } from "../lib/present.ts";
import type { Engine, Swarm } from "../swarm/client.ts";
import { enginesOf } from "../swarm/engines.ts";
import { appsOf } from "./deployments.ts";
import type { NodeAccess, Prepared } from "./prepared.ts";

/**
 * Sees to it that every image of a run, and recipe-ci's own two, is on the node, and notes by which digest each is
 * pinned.
 *
 * @throws UserErrors, or InfraError when only the network is to blame, that names every image that can't be had.
 */
export async function prepareImages(prepared: Prepared, access: NodeAccess, signal: AbortSignal): Promise<Evidence> {
  const { swarm, mirror, onStep = new PacedSteps(access.onProgress).step } = access;
  const apps = appsOf(prepared.deployments);
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
  const details = Object.fromEntries(
    ready.map(({ image, id, origin }) => [image, `${origin}, ${digestOf(prepared.pinnedImages[image]) ?? id}`]),
  );
  return { summary: `${ready.length} images, ${standIns.length} of them stand-ins`, details };
}

/** By what an image can be had again; undefined where no registry has it. */
function digestOf(pinned = ""): string | undefined {
  return parseReference(pinned).digest;
}

/** A service that its recipe sends elsewhere may come to any other node. */
async function othersNeeded({ place }: Prepared, swarm: Swarm, apps: readonly AppSpec[]): Promise<Engine[]> {
  if (!place || apps.every(({ services }) => services.every((service) => suits(service, place)))) return [];
  return (await enginesOf(swarm)).filter(({ host }) => host !== place.engine.host);
}
