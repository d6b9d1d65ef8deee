import { constants } from "node:fs";
import { lstat, open, readdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";

/** A manifest that a registry keeps: an image, or an index of images of several platforms. */
export interface StoredManifest {
  /** `library/nginx`. */
  repository: string;
  /** `sha256:…`. */
  digest: string;
  /** Those that point to it; none once a later push took them over. */
  tags: string[];
  /** Milliseconds since 1970 of its last push or pull, as far as the file system says: up to a day late. */
  usedAt: number;
  /** Digests of all that a pull of it asks for, its own included. */
  needs: string[];
}

/** All that lies in a registry's folder. */
export interface StoredImages {
  /** Those that no index has among its parts. */
  manifests: StoredManifest[];
  /** Bytes of each blob, by digest, and when it came. */
  blobs: Map<string, { bytes: number; madeAt: number }>;
}

/** What a manifest or an index says of its parts. */
interface ManifestText {
  config?: { digest: string };
  layers?: { digest: string }[];
  manifests?: { digest: string }[];
}

// Where the time of reading is that of the last pull, a look at it must not change it.
const READ = constants.O_RDONLY | (constants.O_NOATIME ?? 0);

/**
 * Reads what a registry (distribution's, with a file system as its storage) keeps in a folder, without leaving a trace
 * in it. A folder that is not there is an empty one.
 * @throws when a manifest can't be read: nobody could say what it needs
 */
export async function storedImages(folder: string): Promise<StoredImages> {
  const root = join(folder, "docker/registry/v2");
  const blobs: StoredImages["blobs"] = new Map();
  for (const start of await names(join(root, "blobs/sha256"))) {
    for (const hex of await names(join(root, "blobs/sha256", start))) {
      const stat = await lstat(blobFile(folder, hex)).catch(() => undefined);
      if (stat) blobs.set(`sha256:${hex}`, { bytes: stat.size, madeAt: stat.mtimeMs });
    }
  }
  const all: StoredManifest[] = [];
  for (const repository of await repositories(join(root, "repositories"))) {
    all.push(...(await manifestsOf(folder, repository)));
  }
  const parts = new Set(all.flatMap(({ repository, digest, needs }) => inRepository(repository, needs, digest)));
  const manifests = all.filter(
    ({ repository, digest, tags }) => tags.length > 0 || !parts.has(`${repository}@${digest}`),
  );
  return { manifests, blobs };
}

/**
 * Takes one of the images in a registry's folder out of it, with the parts that no other of its repository has: its tags
 * first, so that whatever stops this leaves nothing that is offered and broken. Blobs stay, see {@link removeUnneeded}.
 */
export async function removeManifest(folder: string, { manifests }: StoredImages, gone: StoredManifest): Promise<void> {
  const own = join(repositoryFolder(folder, gone.repository), "_manifests");
  for (const tag of gone.tags) await rm(join(own, "tags", tag), { recursive: true, force: true });
  const others = manifests.filter((one) => one !== gone && one.repository === gone.repository);
  const needed = new Set(others.flatMap(({ needs }) => needs));
  for (const digest of gone.needs.filter((part) => !needed.has(part))) {
    await rm(join(own, "revisions/sha256", hexOf(digest)), { recursive: true, force: true });
  }
}

/**
 * Takes away blobs that no manifest needs and that came before `madeBefore` (milliseconds since 1970), with their
 * links, and repositories that hold nothing else.
 */
export async function removeUnneeded(folder: string, madeBefore: number): Promise<void> {
  const stored = await storedImages(folder);
  const all = unneededBlobs(stored).filter((digest) => (stored.blobs.get(digest)?.madeAt ?? 0) < madeBefore);
  const root = join(folder, "docker/registry/v2");
  for (const repository of await repositories(join(root, "repositories"))) {
    const own = repositoryFolder(folder, repository);
    for (const digest of all) {
      for (const links of ["_manifests/revisions/sha256", "_layers/sha256"]) {
        await rm(join(own, links, hexOf(digest)), { recursive: true, force: true });
      }
    }
    const inUse = stored.manifests.some((one) => one.repository === repository) || (await isPushedTo(own, madeBefore));
    for (const part of inUse ? [] : ["_manifests", "_layers", "_uploads"]) {
      await rm(join(own, part), { recursive: true, force: true });
    }
    if (!inUse) await rmdir(own).catch(() => undefined);
  }
  for (const digest of all) await rm(join(blobFile(folder, hexOf(digest)), ".."), { recursive: true, force: true });
}

/** Whether a push has begun of which no manifest came yet, or one goes on. */
async function isPushedTo(own: string, madeBefore: number): Promise<boolean> {
  // Of an upload that an engine gave up, or found needless, the registry leaves a folder for ever.
  const uploads = (await names(join(own, "_uploads"))).map((name) => join(own, "_uploads", name));
  const links = (await names(join(own, "_layers/sha256"))).map((hex) => join(own, "_layers/sha256", hex, "link"));
  for (const path of [...uploads, ...uploads.map((upload) => join(upload, "data")), ...links]) {
    const stat = await lstat(path).catch(() => undefined);
    if (stat && stat.mtimeMs >= madeBefore) return true;
  }
  return false;
}

/** Digests of blobs that no manifest needs. */
export function unneededBlobs({ manifests, blobs }: StoredImages): string[] {
  const needed = new Set(manifests.flatMap(({ needs }) => needs));
  return [...blobs.keys()].filter((digest) => !needed.has(digest));
}

async function manifestsOf(folder: string, repository: string): Promise<StoredManifest[]> {
  const own = join(repositoryFolder(folder, repository), "_manifests");
  const tagsOf = new Map<string, { name: string; usedAt: number }[]>();
  for (const name of await names(join(own, "tags"))) {
    const link = join(own, "tags", name, "current/link");
    const digest = await readQuietly(link).catch(() => undefined);
    if (digest) tagsOf.set(digest, [...(tagsOf.get(digest) ?? []), { name, usedAt: await usedAt(link) }]);
  }
  const all: StoredManifest[] = [];
  for (const hex of await names(join(own, "revisions/sha256"))) {
    const link = join(own, "revisions/sha256", hex, "link");
    // Without its link it is removed already.
    if (!(await lstat(link).catch(() => undefined))) continue;
    const digest = `sha256:${hex}`;
    const tags = tagsOf.get(digest) ?? [];
    const times = [...tags.map((tag) => tag.usedAt), await usedAt(link), await usedAt(blobFile(folder, hex))];
    const needs = await allParts(folder, digest);
    all.push({ repository, digest, tags: tags.map(({ name }) => name), usedAt: Math.max(...times), needs });
  }
  return all;
}

/** A manifest's digest and those of all its parts, and of theirs. */
async function allParts(folder: string, digest: string): Promise<string[]> {
  const text = await readQuietly(blobFile(folder, hexOf(digest))).catch(missing);
  // Nobody can be served it, so that it needs nothing.
  if (text === undefined) return [digest];
  const { config, layers = [], manifests = [] } = JSON.parse(text) as ManifestText;
  const parts = [digest, ...[config ?? [], layers].flat().map((part) => part.digest)];
  // An index may name platforms that nobody pushed.
  for (const part of manifests) parts.push(...(await allParts(folder, part.digest)));
  return parts;
}

function inRepository(repository: string, needs: string[], self: string): string[] {
  return needs.filter((digest) => digest !== self).map((digest) => `${repository}@${digest}`);
}

/** Paths of the folders that are repositories: those with manifests, however deep. */
async function repositories(root: string, path = ""): Promise<string[]> {
  const inside = await names(join(root, path));
  const below = inside.filter((name) => !name.startsWith("_"));
  const deeper = await Promise.all(below.map((name) => repositories(root, path ? `${path}/${name}` : name)));
  return [...(inside.includes("_manifests") ? [path] : []), ...deeper.flat()];
}

function repositoryFolder(folder: string, repository: string): string {
  return join(folder, "docker/registry/v2/repositories", repository);
}

function blobFile(folder: string, hex: string): string {
  return join(folder, "docker/registry/v2/blobs/sha256", hex.slice(0, 2), hex, "data");
}

function hexOf(digest: string): string {
  return digest.replace("sha256:", "");
}

async function usedAt(file: string): Promise<number> {
  const stat = await lstat(file).catch(() => undefined);
  return stat ? Math.max(stat.atimeMs, stat.mtimeMs) : 0;
}

async function readQuietly(path: string): Promise<string> {
  const file = await open(path, READ);
  try {
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}

function names(folder: string): Promise<string[]> {
  return readdir(folder).catch((): string[] => []);
}
