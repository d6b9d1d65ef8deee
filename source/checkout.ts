import { lstat, mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { join, posix, sep } from "node:path";
import { UserError, UserErrors } from "../lib/errors.ts";
import { removeForgotten } from "./forgotten-checkouts.ts";
import { git, gitBytes } from "./git.ts";

/** One entry of a commit's tree. */
export interface TreeEntry {
  path: string;
  /** Git's mode: `100644`, `100755`, `120000` (link) or `160000` (submodule). */
  mode: string;
  object: string;
  /** Bytes; 0 for a submodule, Infinity for a file that was not fetched because it is longer than `FILE_LIMIT`. */
  size: number;
}

/** Most files of a recipe. */
const ENTRY_LIMIT = 10_000;
/** Longest file that is fetched and read, in bytes. */
export const FILE_LIMIT = 10 << 20;
/** Most bytes of all files together. */
const TREE_LIMIT = 100 << 20;
const LINK = "120000";
const SUBMODULE = "160000";

/** Everything in the tree of a commit, sub-folders included. */
export async function listTree(gitDir: string, commit: string): Promise<TreeEntry[]> {
  const text = await git(["ls-tree", "-r", "-l", "-z", "--full-tree", commit], { gitDir });
  return text
    .split("\0")
    .filter(Boolean)
    .map((line) => {
      const tab = line.indexOf("\t");
      const [mode = "", , object = "", size = "0"] = line.slice(0, tab).split(/\s+/);
      return { path: line.slice(tab + 1), mode, object, size: bytes(size) };
    });
}

/** A size as `ls-tree` writes it: `-` for a submodule, `BAD` for what is not in the repository. */
function bytes(size: string): number {
  if (size === "-") return 0;
  return size === "BAD" ? Number.POSITIVE_INFINITY : Number(size);
}

/**
 * Writes a commit's tree into a new folder below `parent`, with git's own index so that names such as `.git` or
 * `..` never get out. The folder is removed again when anything in it is refused.
 * @throws UserErrors with everything that is refused
 */
export async function checkoutTree(options: {
  gitDir: string;
  commit: string;
  /** Of the commit. */
  entries: readonly TreeEntry[];
  parent: string;
}): Promise<string> {
  const { gitDir, commit, entries } = options;
  const errors = [...refusals(entries), ...(await linkRefusals(gitDir, entries))];
  if (errors.length > 0) throw new UserErrors(errors);
  await mkdir(options.parent, { recursive: true, mode: 0o700 });
  await removeForgotten(options.parent);
  const folder = await realpath(await mkdtemp(join(options.parent, `${commit.slice(0, 12)}-`)));
  try {
    const indexFile = `${folder}.index`;
    try {
      await git(["read-tree", commit], { gitDir, indexFile });
      await git(["checkout-index", "--all", "--quiet", `--prefix=${folder}/`], {
        gitDir,
        indexFile,
        workTree: folder,
        cwd: folder,
      });
    } finally {
      await rm(indexFile, { force: true });
    }
    await assertLinksStay(folder, entries);
    return folder;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

function refusals(entries: readonly TreeEntry[]): UserError[] {
  const errors: UserError[] = [];
  for (const { path, mode, size } of entries) {
    if (mode !== SUBMODULE && size > FILE_LIMIT) {
      errors.push(tooLong(path));
    }
  }
  const total = entries.reduce((sum, { size }) => sum + (size > FILE_LIMIT ? 0 : size), 0);
  const remedy = "take out of the repository what no app needs, or put it into the image";
  if (total > TREE_LIMIT) errors.push(new UserError(`the recipe has ${total} bytes, more than 100 MiB`, { remedy }));
  if (entries.length > ENTRY_LIMIT) {
    errors.push(new UserError(`the recipe has more than ${ENTRY_LIMIT} files`, { remedy }));
  }
  return errors;
}

/** The mistake of a file that is not read. */
export function tooLong(path: string): UserError {
  return new UserError("longer than 10 MiB", {
    place: { file: path },
    remedy: "take it out of the repository; what an app needs of that size goes into its image or a volume",
  });
}

/** Links whose text alone leads out of the tree. */
async function linkRefusals(gitDir: string, entries: readonly TreeEntry[]): Promise<UserError[]> {
  const errors: UserError[] = [];
  for (const { path, object, size } of entries.filter((entry) => entry.mode === LINK)) {
    const target = size > 4096 ? "/" : (await gitBytes(["cat-file", "blob", object], { gitDir })).toString();
    const end = posix.normalize(posix.join(posix.dirname(path), target));
    if (posix.isAbsolute(target) || end === ".." || end.startsWith("../")) errors.push(leaves(path));
  }
  return errors;
}

/** Links that lead out through other links show only once they exist. */
async function assertLinksStay(folder: string, entries: readonly TreeEntry[]): Promise<void> {
  for (const { path } of entries.filter((entry) => entry.mode === LINK)) {
    const link = join(folder, path);
    if (!(await lstat(link)).isSymbolicLink()) continue;
    const end = await realpath(link).catch(() => folder);
    if (end !== folder && !end.startsWith(folder + sep)) throw new UserErrors([leaves(path)]);
  }
}

function leaves(path: string): UserError {
  return new UserError("is a link that leaves the recipe", {
    place: { file: path },
    remedy: "link to a file of the repository, or copy it",
  });
}
