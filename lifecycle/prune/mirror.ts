import { MIRROR_LOCK } from "../../images/mirror.ts";
import {
  removeManifest,
  removeUnneeded,
  type StoredImages,
  type StoredManifest,
  storedImages,
  unneededBlobs,
} from "../../images/registry-store.ts";
import { describe } from "../../lib/errors.ts";
import { home } from "../../lib/home.ts";
import { withLock } from "../../lib/lock.ts";
import { restartMirrors } from "../../machine/mirror.ts";
import { beyondBytes, bytesOf, type Kept, type Spare, type Store } from "./store.ts";

const GIB = 1 << 30;
const HOUR_MS = 3_600_000;
/** Bytes of images that stay in the mirror; the longest unused go first. */
const MIRROR_BYTES = 5 * GIB;
/** Milliseconds: what is being pulled or pushed shows a time of use no older, which file systems keep once a day. */
const IN_USE_MS = 25 * HOUR_MS;

interface StoredImage extends Kept {
  digest: string;
}

/**
 * The images that nodes of this home are served by their mirror. One that was asked for within a day stays, as does
 * each blob that an image which stays needs. What is taken away is built or pulled again.
 *
 * @param bound bytes. Default: 5 GiB
 */
export async function imageMirror(held: string | undefined, bound = MIRROR_BYTES): Promise<Store> {
  const folder = home("mirror");
  const store = { name: "image mirror", bytes: await bytesOf(folder), bound: `${bound / GIB} GiB` };
  const stored = await storedImages(folder).catch(describe);
  if (typeof stored === "string") return { ...store, spare: [], held: `an image in it can't be read: ${stored}` };
  const before = Date.now() - IN_USE_MS;
  const all = images(folder, stored, before);
  // Without its manifest nobody can be served it.
  const broken = all.filter(({ digest, needed }) => !needed && !stored.blobs.has(digest));
  const whole = all.filter((one) => !broken.includes(one));
  return {
    ...store,
    spare: held ? [] : [...strayBlobs(folder, stored, before), ...broken, ...beyondBytes(whole, bound)],
    held,
    around: (removals) =>
      withLock(MIRROR_LOCK, async () => {
        const removed = await removals();
        await restartMirrors(folder);
        return removed;
      }),
  };
}

/** Each image with the bytes that go with it: of blobs which none that was used later needs. */
function images(folder: string, { manifests, blobs }: StoredImages, before: number): StoredImage[] {
  const counted = new Set<string>();
  return [...manifests]
    .sort((a, b) => b.usedAt - a.usedAt)
    .map((manifest) => {
      const own = manifest.needs.filter((digest) => !counted.has(digest));
      for (const digest of own) counted.add(digest);
      return {
        digest: manifest.digest,
        name: nameOf(manifest),
        bytes: own.reduce((sum, digest) => sum + (blobs.get(digest)?.bytes ?? 0), 0),
        usedAt: manifest.usedAt,
        needed: manifest.usedAt >= before,
        remove: () => removeUnused(folder, manifest, before),
      };
    })
    .reverse();
}

/** What a push left that never came to its end. */
function strayBlobs(folder: string, stored: StoredImages, before: number): Spare[] {
  const blobs = unneededBlobs(stored).flatMap((digest) => stored.blobs.get(digest) ?? []);
  const bytes = blobs.filter(({ madeAt }) => madeAt < before).reduce((sum, blob) => sum + blob.bytes, 0);
  return bytes ? [{ name: "parts of no image", bytes, remove: () => removeUnneeded(folder, before) }] : [];
}

/** Somebody may have asked for it since, or pushed another under its name. */
async function removeUnused(folder: string, wanted: StoredManifest, before: number): Promise<void> {
  const stored = await storedImages(folder);
  const now = stored.manifests.find((one) => one.repository === wanted.repository && one.digest === wanted.digest);
  if (!now || now.usedAt >= before) return;
  await removeManifest(folder, stored, now);
  await removeUnneeded(folder, before);
}

function nameOf({ repository, digest, tags }: StoredManifest): string {
  return tags.length ? tags.map((tag) => `${repository}:${tag}`).join(", ") : `${repository}@${digest.slice(0, 19)}`;
}
