import { home } from "../../lib/home.ts";
import { found, type Swarm } from "../../swarm/client.ts";
import { beyondBytes, bytesOf, type Kept, type Store } from "./store.ts";

const GIB = 1 << 30;
const HOUR_MS = 3_600_000;
/** Bytes of images that stay on a node. */
const IMAGE_BYTES = 20 * GIB;

/**
 * Images on a node that no container uses: those without a name, and the oldest beyond the bound. What is taken away
 * is pulled again, or taken from the mirror.
 */
export async function nodeImages(swarm: Swarm | undefined, held: string | undefined): Promise<Store> {
  const store = { name: "images on the node", bound: `${IMAGE_BYTES / GIB} GiB` };
  if (!swarm) return { ...store, bytes: undefined, spare: [], held: "no local node is up" };
  const [images, containers] = await Promise.all([
    swarm.docker.listImages(),
    swarm.docker.listContainers({ all: true }),
  ]);
  const used = new Set(containers.map(({ ImageID }) => ImageID));
  const all = images.map(({ Id, RepoTags, RepoDigests, Size, Created }): Kept => {
    const tags = (RepoTags ?? []).filter((name) => name !== "<none>:<none>");
    const names = tags.length ? tags : (RepoDigests ?? []).filter((name) => !name.startsWith("<none>@"));
    return {
      name: names.join(", ") || Id.slice(0, 19),
      bytes: Size,
      usedAt: names.length ? Created * 1000 : 0,
      // One without a name that is new may be a step of a build.
      needed: used.has(Id) || (!names.length && Date.now() - Created * 1000 < HOUR_MS),
      // An image of several names goes with the last of them; one that is in use again by now stays.
      remove: async () => {
        for (const name of names.length ? names : [Id]) await found(swarm.docker.getImage(name).remove());
      },
    };
  });
  const nameless = all.filter(({ usedAt, needed }) => usedAt === 0 && !needed);
  const named = all.filter((one) => !nameless.includes(one));
  return {
    ...store,
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    spare: held ? [] : [...nameless, ...beyondBytes(named, IMAGE_BYTES)],
    held,
  };
}

/** Root file systems that stand-ins are built on: they outlive nodes, and grow only with new versions. */
export async function standInBases(): Promise<Store> {
  const bytes = await bytesOf(home("images"));
  return { name: "bases of stand-ins", bytes, bound: "one for each version that was needed", spare: [] };
}
