import { InfraError } from "../lib/errors.ts";
import { withLock } from "../lib/lock.ts";
import { engineMessage, found, type Swarm } from "../swarm/client.ts";
import type { DiskRoom } from "./disk-room.ts";
import { followProgress } from "./progress.ts";
import { pullImage } from "./pull.ts";
import { DEFAULT_REGISTRY, familiar, parseReference, type Reference, withDefaultTag } from "./reference.ts";

/** Held by who puts images into the mirror's folder, or takes them away. */
export const MIRROR_LOCK = "the image mirror";

/** host:port of the mirror an engine has on its own machine, where it has one: only that one can be pushed to. */
export async function localMirror(swarm: Swarm): Promise<string | undefined> {
  const { RegistryConfig }: { RegistryConfig?: { Mirrors?: string[] } } = await swarm.docker.info();
  const hosts = (RegistryConfig?.Mirrors ?? []).map((mirror) => new URL(mirror).host);
  return hosts.find((host) => /^(?:127\.|localhost(?::|$))/.test(host));
}

/**
 * Pushes an image that was built on the engine to the node's mirror. Docker Hub's images are then pulled back by
 * their upstream name: that gives the engine a digest for them, and Swarm's question for it a quick answer.
 *
 * @param mirror host:port of the mirror as the engine sees it
 */
export async function publish(swarm: Swarm, image: string, mirror: string, signal?: AbortSignal): Promise<void> {
  const reference = withDefaultTag(parseReference(image));
  const copy = inMirror(reference, mirror);
  const name = familiar(copy);
  const options = { authconfig: { username: "", password: "", serveraddress: mirror }, abortSignal: signal };
  // Whoever else puts the same image there meanwhile would take the name away that this push goes by.
  const push = async () => {
    await swarm.docker.getImage(familiar(reference)).tag({ repo: `${mirror}/${copy.repository}`, tag: copy.tag });
    try {
      await followProgress(await swarm.docker.getImage(name).push(options), signal, () => undefined);
    } finally {
      await found(swarm.docker.getImage(name).remove({ noprune: true }));
    }
  };
  try {
    await withLock(MIRROR_LOCK, push, { deadline: "10 min", signal });
    if (reference.registry === DEFAULT_REGISTRY) await pullImage(swarm, image, { signal });
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw new InfraError(`${image} could not be put into the mirror ${mirror}: ${engineMessage(error)}`, {
      cause: error,
    });
  }
}

/**
 * Takes an image of another registry from the mirror, which the engine itself asks for Docker Hub's only.
 * Gives false where the mirror doesn't have it.
 */
export async function takeFromMirror(
  swarm: Swarm,
  image: string,
  mirror: string,
  { room, signal }: { room?: DiskRoom; signal?: AbortSignal } = {},
): Promise<boolean> {
  const reference = withDefaultTag(parseReference(image));
  if (reference.registry === DEFAULT_REGISTRY || reference.digest) return false;
  const name = familiar(inMirror(reference, mirror));
  const take = async () => {
    try {
      await pullImage(swarm, name, { room, signal });
    } catch (error) {
      if (error instanceof InfraError) throw error;
      signal?.throwIfAborted();
      return false;
    }
    const repo = `${reference.registry}/${reference.repository}`;
    await swarm.docker.getImage(name).tag({ repo, tag: reference.tag });
    await found(swarm.docker.getImage(name).remove({ noprune: true }));
    return true;
  };
  return withLock(`image ${swarm.host} ${name}`, take, { deadline: "10 min", signal });
}

/** Where the mirror keeps an image: Docker Hub's under their own path, others below their registry's name. */
export function inMirror({ registry, repository, tag }: Reference, mirror: string): Reference {
  const prefix = registry === DEFAULT_REGISTRY ? "" : `${registry.toLowerCase().replace(/[^a-z0-9.-]/g, "-")}/`;
  return { registry: mirror, repository: `${prefix}${repository}`, tag };
}
