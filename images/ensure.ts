import type { ErrorPlace } from "../lib/errors.ts";
import { withLock } from "../lib/lock.ts";
import { type OnStep, step } from "../lib/step.ts";
import { found, type Swarm } from "../swarm/client.ts";
import { buildStandIn } from "./build.ts";
import { inputsHash } from "./build-context.ts";
import { type StandInSource, standInFor } from "./catalogue.ts";
import { repositoryDigest } from "./digest.ts";
import type { DiskRoom } from "./disk-room.ts";
import { type ImageProblem, unavailable } from "./image-problem.ts";
import { publish, takeFromMirror } from "./mirror.ts";
import { PullError, pullImage } from "./pull.ts";
import { DEFAULT_REGISTRY, familiar, familiarName, parseReference, withDefaultTag } from "./reference.ts";
import { STAND_IN_LABEL, type StandIn, standInOf } from "./stand-in-label.ts";

export interface EnsureOptions {
  swarm: Swarm;
  images: readonly WantedImage[];
  /** host:port of the node's mirror as the engine sees it. Default: none, the engine's own store is enough. */
  mirror?: string;
  /** Told what is pulled and built. */
  onStep?: OnStep;
  /** Of the node's disk, which they must all have together. Default: it is not asked. */
  room?: DiskRoom;
  signal?: AbortSignal;
}

export interface WantedImage {
  /** As the recipe writes it. */
  image: string;
  /** Where the recipe says so. */
  usedBy: ErrorPlace;
  /** recipe-ci itself needs it. Default: false. */
  ours?: boolean;
}

export interface ReadyImage {
  image: string;
  /** Id on the engine. */
  id: string;
  origin: "pulled" | "present" | "stand-in";
}

export interface EnsuredImages {
  ready: ReadyImage[];
  standIns: StandIn[];
}

/**
 * Sees to it that every image is on the node before anything is deployed. What is there with a known origin is
 * taken as it is; the rest is pulled; what cannot be pulled is built, where `images/` knows how, as a stand-in.
 *
 * @throws UserErrors, or InfraError when only the network is to blame, that names every image that can't be had;
 *   InfraError where the node's disk has no room for them
 */
export async function ensureImages(options: EnsureOptions): Promise<EnsuredImages> {
  const names = [...new Set(options.images.map(({ image }) => image))];
  const pulled = await allPulled(options, names);
  await claimBuilds(options, pulled);
  const provided: Provided[] = [];
  const problems: ImageProblem[] = [];
  for (const outcome of pulled) {
    if ("provided" in outcome) provided.push(outcome.provided);
    else if (standInFor(outcome.image)) provided.push(await standIn(options, outcome.image, outcome.failure));
    else problems.push(...problemsOf(options.images, outcome));
  }
  if (problems.length) throw unavailable(problems);
  return {
    ready: provided.map(({ ready }) => ready),
    standIns: provided.flatMap(({ standIn }) => standIn ?? []),
  };
}

interface Provided {
  ready: ReadyImage;
  /** By which it can be pinned; undefined where the engine knows none. */
  digest?: string;
  standIn?: StandIn;
}

type Outcome = { image: string; provided: Provided } | { image: string; failure: PullError };

/** All at once; as soon as one is nobody's to pull, the others are not either. */
async function allPulled(options: EnsureOptions, names: readonly string[]): Promise<Outcome[]> {
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const pulling = names.map((image) => settled(image, () => presentOrPulled({ ...options, signal }, image)));
  try {
    return await Promise.all(pulling);
  } catch (error) {
    stop.abort(error);
    await Promise.allSettled(pulling);
    throw error;
  }
}

/** Says how much room is taken by what is to be built, with the bases that are not there, before the first of it is. */
async function claimBuilds({ swarm, room }: EnsureOptions, pulled: readonly Outcome[]): Promise<void> {
  if (!room) return;
  const sources = pulled.flatMap((one) => ("failure" in one ? (standInFor(one.image) ?? []) : []));
  const bases = sources.flatMap((source) => (source.kind === "dockerfile" ? (standInFor(source.base) ?? []) : []));
  for (const source of new Set([...bases, ...sources])) {
    if (await onNode(swarm, source.image, "present")) continue;
    await room.look();
    room.build(source.image, source.mib);
  }
}

async function settled(image: string, provide: () => Promise<Provided>): Promise<Outcome> {
  try {
    return { image, provided: await provide() };
  } catch (error) {
    if (error instanceof PullError) return { image, failure: error };
    throw error;
  }
}

function problemsOf(images: readonly WantedImage[], { image, failure }: { image: string; failure: PullError }) {
  return images.filter((wanted) => wanted.image === image).map(({ usedBy, ours }) => ({ failure, usedBy, ours }));
}

async function presentOrPulled(options: EnsureOptions, image: string): Promise<Provided> {
  const { swarm, mirror, room, signal } = options;
  const local = await onNode(swarm, image, "present");
  if (local && mirror && isUnpublished(local)) await publish(swarm, image, mirror, signal);
  if (local) return local;
  await room?.look();
  if (mirror && (await takeFromMirror(swarm, image, mirror, { room, signal }))) {
    const copy = await onNode(swarm, image, "pulled");
    if (copy) return copy;
  }
  await step({ title: `pulling ${image}` }, options.onStep ?? nobody, (note) =>
    pullImage(swarm, image, { room, signal, onProgress: note }),
  );
  const fresh = await onNode(swarm, image, "pulled");
  if (fresh) return fresh;
  // What came is a stand-in in the mirror, from other inputs: build it anew for the reason it was built for.
  const stale = standInOf(image, await labelsOf(swarm, image));
  throw new PullError(image, stale?.reason ?? "not found: the engine reported a pull but has no such image");
}

/**
 * Whether an image of Docker Hub's was built by who knew no mirror. Unless it is published, the service that is made of it
 * asks for the digest by itself, gets one that another node has put there, and is changed back by the next update.
 */
function isUnpublished({ ready: { image }, digest, standIn }: Provided): boolean {
  return standIn !== undefined && digest === undefined && parseReference(image).registry === DEFAULT_REGISTRY;
}

async function labelsOf(swarm: Swarm, image: string): Promise<Record<string, string> | undefined> {
  const info = await found(swarm.docker.getImage(familiar(withDefaultTag(parseReference(image)))).inspect());
  return info?.Config?.Labels;
}

/** The image when it is on the node and can be used: a current stand-in, or one that came from its registry. */
async function onNode(swarm: Swarm, image: string, origin: "present" | "pulled"): Promise<Provided | undefined> {
  const reference = parseReference(image);
  const info = await found(swarm.docker.getImage(familiar(withDefaultTag(reference))).inspect());
  if (!info) return undefined;
  const labels: Record<string, string> | undefined = info.Config?.Labels;
  const standIn = standInOf(image, labels);
  const digest = reference.digest ?? repositoryDigest(info.RepoDigests, familiarName(reference));
  if (standIn) {
    const source = standInFor(image);
    const current = source && labels?.[STAND_IN_LABEL] === (await inputsHash(source));
    return current ? { ready: { image, id: info.Id, origin: "stand-in" }, digest, standIn } : undefined;
  }
  return digest ? { ready: { image, id: info.Id, origin }, digest } : undefined;
}

/** Builds a stand-in once, whoever else asks for it at the same time, its base first. */
async function standIn(options: EnsureOptions, image: string, failure: PullError): Promise<Provided> {
  const source = standInFor(image);
  if (!source) throw failure;
  const { swarm, signal, onStep = nobody } = options;
  if (source.kind === "dockerfile") await ensureBase(options, source.base);
  await step({ title: `building a stand-in for ${source.image}` }, onStep, (note) =>
    withLock(`image ${swarm.host} ${source.image}`, () => buildOnce(options, source, failure, note), {
      deadline: "30 min",
      signal,
      onWait: ({ pid }) => note(`waiting for process ${pid}, which builds it`),
    }),
  );
  const built = await onNode(options.swarm, image, "present");
  if (!built) throw failure;
  return built;
}

async function ensureBase({ swarm, onStep, room, signal }: EnsureOptions, base: string): Promise<void> {
  await ensureImages({ swarm, images: [{ image: base, usedBy: {} }], onStep, room, signal });
}

async function buildOnce(
  { swarm, mirror, signal }: EnsureOptions,
  source: StandInSource,
  failure: PullError,
  note: (text: string) => void,
): Promise<void> {
  if (await onNode(swarm, source.image, "present")) return;
  await buildStandIn(swarm, source, { reason: failure.answer, onProgress: note, signal });
  if (mirror) await publish(swarm, source.image, mirror, signal);
}

function nobody(): void {}
