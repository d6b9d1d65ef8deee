import { found, type Swarm } from "../swarm/client.ts";
import { familiar, familiarName, parseReference, withDefaultTag } from "./reference.ts";

/**
 * `name:tag@sha256:…` of an image on the node: what `docker stack deploy --resolve-image always` would pin.
 * A reference with a digest is given as it is. Undefined where the node lacks the image or knows no digest of
 * it in its own repository, as for one built locally and never pushed.
 */
export async function pinnedReference(swarm: Swarm, image: string): Promise<string | undefined> {
  const reference = parseReference(image);
  if (reference.digest) return familiar(reference);
  const tagged = withDefaultTag(reference);
  const info = await found(swarm.docker.getImage(familiar(tagged)).inspect());
  const digest = info && repositoryDigest(info.RepoDigests, familiarName(reference));
  return digest && familiar({ ...tagged, digest });
}

/** The digest among `name@sha256:…` that belongs to the repository of that name. */
export function repositoryDigest(repoDigests: readonly string[] | null | undefined, name: string): string | undefined {
  return repoDigests?.find((entry) => entry.startsWith(`${name}@`))?.slice(name.length + 1);
}
