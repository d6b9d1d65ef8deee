import { createHash, randomUUID } from "node:crypto";
import { cp, lstat, mkdir, readdir, readFile, readlink, rename, rm, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { UserError } from "../lib/errors.ts";
import { present } from "../lib/present.ts";
import { git } from "./git.ts";
import { RecipeRepo } from "./recipe-repo.ts";
import { commitFolder, tagCommit } from "./snapshot.ts";
import { compareVersions, parseVersion, type RecipeVersion } from "./version.ts";

/** In a release's folder: paths, one a line, of head's files that the release did not have. */
const REMOVED = ".removed";
const HEAD_REF = "refs/heads/main";

export interface FolderOptions {
  /** The recipe at head, as plain files. */
  folder: string;
  /** Folder with one folder per older release, `<version>/`, holding only the files that differ from head. */
  releases?: string;
  /** Folder for the bare repositories and the checkouts, e.g. `home("git")`. */
  cacheDir: string;
}

/**
 * Makes a recipe repository of plain folders: a commit and an annotated tag per release, oldest first, then head.
 * The same files give the same commit ids everywhere, and are committed only once.
 * @throws UserError when the folder is missing or a release's folder is no version
 */
export async function repoFromFolder(options: FolderOptions): Promise<RecipeRepo> {
  const { folder, cacheDir } = options;
  if (!(await isFolder(folder)))
    throw new UserError(`${folder} is no folder`, { remedy: "name the folder of the recipe's files" });
  const versions = options.releases ? await releaseVersions(options.releases) : [];
  const hash = createHash("sha256");
  await hashFolder(hash, folder);
  if (options.releases && versions.length > 0) await hashFolder(hash, options.releases);
  const gitDir = join(cacheDir, `folder-${hash.digest("hex").slice(0, 32)}.git`);
  if (!(await isFolder(gitDir))) await build(gitDir, versions, options);
  const head = await git(["rev-parse", "--verify", HEAD_REF], { gitDir });
  return new RecipeRepo({ location: folder, gitDir, head, trees: join(cacheDir, "trees") });
}

/** Builds beside the final place and moves it there: a half-made repository is never seen, and the first one wins. */
async function build(gitDir: string, versions: readonly RecipeVersion[], options: FolderOptions): Promise<void> {
  const work = `${gitDir}.${randomUUID()}`;
  const bare = join(work, "repo");
  await mkdir(work, { recursive: true, mode: 0o700 });
  try {
    await git(["init", "--bare", "--quiet", "--initial-branch=main", "--", bare]);
    let parent: string | undefined;
    for (const [day, version] of versions.entries()) {
      const tree = join(work, version.text);
      await composeRelease(tree, options.folder, join(present(options.releases, "its releases"), version.text));
      const message = `release ${version.text}`;
      parent = await commitFolder({ gitDir: bare, folder: tree, parent, message, day, ignored: true });
      await tagCommit(bare, version.text, parent, day);
    }
    const last = { folder: options.folder, parent, message: "head", day: versions.length, ignored: true };
    await git(["update-ref", HEAD_REF, await commitFolder({ gitDir: bare, ...last })], { gitDir: bare });
    await rename(bare, gitDir).catch(async (error) => {
      if (!(await isFolder(gitDir))) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function composeRelease(tree: string, head: string, differences: string): Promise<void> {
  await cp(head, tree, { recursive: true, verbatimSymlinks: true });
  await cp(differences, tree, { recursive: true, verbatimSymlinks: true });
  const removed = await readFile(join(differences, REMOVED), "utf8").catch(() => undefined);
  if (removed === undefined) return;
  for (const path of [REMOVED, ...removed.split("\n").map((line) => line.trim())].filter(Boolean)) {
    const target = join(tree, path);
    if (!target.startsWith(tree + sep))
      throw new UserError(`"${path}" leaves the recipe`, { place: { file: REMOVED }, remedy: "name files below it" });
    await rm(target, { recursive: true, force: true });
  }
}

async function releaseVersions(releases: string): Promise<RecipeVersion[]> {
  const names = (await readdir(releases).catch(() => [])).filter((name) => !name.startsWith("."));
  return names
    .map((name) => {
      const version = parseVersion(name);
      if (!version)
        throw new UserError(`"${name}" is no version`, {
          place: { file: join(releases, name) },
          remedy: "write x.y.z+app",
        });
      return version;
    })
    .sort(compareVersions);
}

/** Feeds paths, kinds and bytes of everything in a folder, in a fixed order. */
async function hashFolder(hash: ReturnType<typeof createHash>, folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
  for (const path of paths.sort()) {
    const found = await lstat(path);
    const content = found.isSymbolicLink() ? await readlink(path) : await readFile(path);
    const kind = found.isSymbolicLink() ? "link" : found.mode & 0o100 ? "program" : "file";
    hash.update(`${relative(folder, path)}\0${kind}\0${content.length}\0`).update(content);
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}
