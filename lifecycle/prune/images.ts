import type Docker from "dockerode";
import { standInNames } from "../../images/catalogue.ts";
import { familiar, familiarName, parseReference, withDefaultTag } from "../../images/reference.ts";
import { home } from "../../lib/home.ts";
import { type Engine, found, type Swarm } from "../../swarm/client.ts";
import type { NamedEngine } from "../../swarm/engines.ts";
import { beyondBytes, bytesOf, type Kept, type Store } from "./store.ts";

const GIB = 1 << 30;
const HOUR_MS = 3_600_000;
/** Bytes of images that stay on a node. */
const IMAGE_BYTES = 20 * GIB;

/**
 * Images on a node that nothing uses: those without a name, and the oldest beyond the bound. A container's and a
 * service's stay, and those that the project itself builds or needs for each run. What is taken away is pulled again,
 * or taken from the mirror.
 *
 * @param engine of the node; undefined when it is not up
 * @param swarm what it is part of
 * @param bound bytes. Default: 20 GiB
 */
export async function nodeImages(
  engine: NamedEngine | undefined,
  swarm: Swarm | undefined,
  held: string | undefined,
  bound = IMAGE_BYTES,
): Promise<Store> {
  const store = { name: `images on ${engine?.node ?? "the node"}`, bound: `${bound / GIB} GiB` };
  if (!engine || !swarm) return { ...store, bytes: undefined, spare: [], held: "no local node is up" };
  const [images, used] = await Promise.all([engine.docker.listImages(), usedImages(engine, swarm)]);
  const all = images.map(({ Id, RepoTags, RepoDigests, Size, Created }): Kept => {
    const tags = (RepoTags ?? []).filter((name) => name !== "<none>:<none>");
    const digests = (RepoDigests ?? []).filter((name) => !name.startsWith("<none>@"));
    const names = tags.length ? tags : digests;
    return {
      name: names.join(", ") || Id.slice(0, 19),
      bytes: Size,
      usedAt: names.length ? Created * 1000 : 0,
      // One without a name that is new may be a step of a build.
      needed:
        [Id, ...tags, ...digests].some((name) => used.has(name)) ||
        (!names.length && Date.now() - Created * 1000 < HOUR_MS),
      // An image of several names goes with the last of them; one that is in use again by now stays.
      remove: async () => {
        for (const name of names.length ? names : [Id]) await found(engine.docker.getImage(name).remove());
      },
    };
  });
  const nameless = all.filter(({ usedAt, needed }) => usedAt === 0 && !needed);
  const named = all.filter((one) => !nameless.includes(one));
  return {
    ...store,
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    spare: held ? [] : [...nameless, ...beyondBytes(named, bound)],
    held,
  };
}

/** Ids, tags and digests that somebody counts on. A service may have no container just now. */
async function usedImages(engine: Engine, swarm: Swarm): Promise<Set<string>> {
  const [containers, services] = await Promise.all([
    engine.docker.listContainers({ all: true }),
    swarm.docker.listServices(),
  ]);
  const ofServices = services.flatMap(({ Spec }) => {
    const template = Spec?.TaskTemplate as Docker.ContainerTaskSpec | undefined;
    return namesOn(template?.ContainerSpec?.Image);
  });
  return new Set([...containers.map(({ ImageID }) => ImageID), ...ofServices, ...standInNames()]);
}

/** As the engine lists the image of a service: by its digest where it has one, which is what tasks are started from. */
function namesOn(image: string | undefined): string[] {
  if (!image) return [];
  const { digest, ...reference } = parseReference(image);
  return [digest ? `${familiarName(reference)}@${digest}` : familiar(withDefaultTag(reference))];
}

/** Root file systems that stand-ins are built on: they outlive nodes, and grow only with new versions. */
export async function standInBases(): Promise<Store> {
  const bytes = await bytesOf(home("images"));
  return { name: "bases of stand-ins", bytes, bound: "one for each version that was needed", spare: [] };
}
