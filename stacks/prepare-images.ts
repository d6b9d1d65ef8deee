import type { Evidence } from "../checks/check.ts";
import { suits } from "../components/place.ts";
import type { AppSpec } from "../compose/app-spec.ts";
import { definitionFile } from "../compose/env/app-env.ts";
import { pinnedReference } from "../images/digest.ts";
import { DiskRoom } from "../images/disk-room.ts";
import { ensureImages, type WantedImage } from "../images/ensure.ts";
import { MAIL_IMAGE, PROBE_IMAGE, RESTIC_IMAGE } from "../images/own.ts";
import { parseReference } from "../images/reference.ts";
import { PacedSteps } from "../lib/paced-steps.ts";
import { present } from "../lib/present.ts";
import type { Engine, Swarm } from "../swarm/client.ts";
import { enginesOf } from "../swarm/engines.ts";
import { freeBefore } from "../swarm/free-space.ts";
import { appsOf, type Deployment } from "./deployments.ts";
import type { NodeAccess, Prepared } from "./prepared.ts";

/**
 * Sees to it that every image of a run, its sidecars' and recipe-ci's own two are on the node, and notes by which digest
 * each is pinned.
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
  const catching = prepared.deployments.some(({ definition }) => definition.mail);
  const own = [PROBE_IMAGE, RESTIC_IMAGE, ...(catching ? [MAIL_IMAGE] : [])].map((image) => ({
    image,
    usedBy: { file: "recipe-ci itself" },
    ours: true,
  }));
  const engine = prepared.place?.engine ?? swarm;
  // They come first: how much room the others have is asked in one of them.
  const ours = await ensureImages({ swarm: engine, images: own, mirror, onStep, signal });
  const room = roomOf(engine, access.run);
  const first = await ensureImages({ swarm: engine, images: wanted, mirror, onStep, room, signal });
  // By themselves, as one that is nowhere is their author's mistake, whatever else is wrong.
  const beside = sidecarImages(prepared.deployments);
  const then = await ensureImages({ swarm: engine, images: beside, mirror, onStep, room, signal });
  const ready = distinct([...ours.ready, ...first.ready, ...then.ready]);
  const standIns = distinct([...ours.standIns, ...first.standIns, ...then.standIns]);
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

function roomOf(engine: Engine, run: string): DiskRoom {
  return new DiskRoom(engine.host, () => freeBefore(engine, run, PROBE_IMAGE));
}

/** Those of a dependency may be asked for where it signs users on: nothing else of its `ci.ts` asks anything there. */
export function sidecarImages(deployments: readonly Pick<Deployment, "role" | "definition">[]): WantedImage[] {
  const asked = deployments.filter(({ role, definition }) => role === "subject" || definition.signOn !== undefined);
  return asked.flatMap(({ definition: { name, sidecars = {} } }) =>
    Object.entries(sidecars).map(([sidecar, { image }]) => ({
      image,
      usedBy: { file: definitionFile(name), key: `sidecars.${sidecar}.image` },
    })),
  );
}

function distinct<T extends { image: string }>(all: readonly T[]): T[] {
  return [...new Map(all.map((one) => [one.image, one])).values()];
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
