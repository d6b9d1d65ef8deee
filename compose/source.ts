import { mkdir, stat } from "node:fs/promises";
import { isAbsolute, join, resolve } from "node:path";
import { InfraError, UserError } from "../lib/errors.ts";
import { ExecError } from "../lib/exec.ts";
import { shortHash } from "../lib/names.ts";
import { git } from "./git.ts";
import { RecipeRepo } from "./recipe-repo.ts";
import { commitFolder } from "./snapshot.ts";

/** Where the cache keeps what HEAD of the source is. */
const HEAD_REF = "refs/recipe-ci/head";
const FETCH = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head"];

export interface SourceOptions {
  /** Folder for the bare caches and the checkouts, e.g. `home("git")`. */
  cacheDir: string;
  /** Reads a local folder as it is now, uncommitted changes included, as `HEAD` (abra's `--chaos`). Default false. */
  workingTree?: boolean;
}

/**
 * Fetches a recipe's repository, from a local git folder or a URL (https, ssh, file), into a bare cache that several
 * processes may share.
 * @throws UserError for a location that is no git repository or a URL of another kind
 * @throws InfraError when the fetch fails
 */
export async function openSource(location: string, options: SourceOptions): Promise<RecipeRepo> {
  const url = remoteUrl(location);
  const folder = url ? undefined : resolve(location);
  if (folder) await assertRepository(folder);
  if (url && options.workingTree) {
    throw new UserError("a URL has no working tree", { remedy: "give a local folder, or leave the working tree out" });
  }
  const from = url ?? folder ?? location;
  const { gitDir, head } = await fetch(from, options.cacheDir);
  const trees = join(options.cacheDir, "trees");
  const place = { location, gitDir, trees, fetchRef: (ref: string) => fetchRef(gitDir, from, ref) };
  if (!folder || (await isBare(folder))) return new RecipeRepo({ ...place, head });
  const now = await commitFolder({ gitDir, folder, parent: head, message: "working tree", ignored: false });
  if (await sameTree(gitDir, head, now)) return new RecipeRepo({ ...place, head });
  if (options.workingTree) return new RecipeRepo({ ...place, head: now });
  return new RecipeRepo({ ...place, head, warnings: [`${location} has uncommitted changes: they are not tested`] });
}

/** The URL as git is to get it, or undefined for a local path. */
function remoteUrl(location: string): string | undefined {
  if (/\p{Cc}/u.test(location) || location.startsWith("-") || location === "") {
    throw new UserError(`${JSON.stringify(location.slice(0, 80))} is no place of a recipe`);
  }
  const scp =
    /^(?:[A-Za-z0-9._-]+@)?[A-Za-z0-9][A-Za-z0-9.-]*:(?!\/\/)[^:\s-]\S*$/.test(location) && !isAbsolute(location);
  if (scp) return location;
  if (!location.includes("://")) {
    if (/^[A-Za-z0-9+.-]+::/.test(location)) throw wrongKind(location);
    return undefined;
  }
  const parsed = URL.canParse(location) && !/\s/.test(location) ? new URL(location) : undefined;
  if (!parsed || !["https:", "ssh:", "file:"].includes(parsed.protocol) || parsed.hostname.startsWith("-")) {
    throw wrongKind(location);
  }
  if (parsed.password) {
    throw new UserError("the URL holds a password", { remedy: "use an ssh URL with a key" });
  }
  return location;
}

function wrongKind(location: string): UserError {
  return new UserError(`"${location.slice(0, 80)}" is no https, ssh or file URL`, {
    remedy: "give such a URL, or a local folder",
  });
}

async function assertRepository(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw new UserError(`${folder} is no folder`);
  const top = await git(["rev-parse", "--show-toplevel"], { cwd: folder }).catch(() => undefined);
  if (await isBare(folder).catch(() => false)) return;
  if (top === undefined || (await stat(top)).ino !== found.ino) {
    throw new UserError(`${folder} is no git repository`, {
      remedy: "give the top folder of the recipe's repository",
    });
  }
}

/** Brings the bare cache of `from` up to date; gives its path and the commit HEAD of the source names. */
async function fetch(from: string, cacheDir: string): Promise<{ gitDir: string; head: string }> {
  await mkdir(cacheDir, { recursive: true, mode: 0o700 });
  const gitDir = join(cacheDir, `${shortHash([from], 16)}.git`);
  const lock = lockOf(gitDir);
  const refs = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*", `+HEAD:${HEAD_REF}`];
  try {
    await git(["init", "--bare", "--quiet", "--", gitDir], { lock });
    await git([...FETCH, "--prune", "--", from, ...refs], { gitDir, lock });
    return { gitDir, head: await git(["rev-parse", "--verify", HEAD_REF], { gitDir }) };
  } catch (error) {
    const why = error instanceof ExecError ? error.message : String(error);
    throw new InfraError(`the recipe could not be fetched from ${from}: ${why}`, {
      remedy: "check the place, the network and the access rights",
      cause: error,
    });
  }
}

/** Fetches one ref, or a commit by its id where the server allows it, and gives the commit. */
async function fetchRef(gitDir: string, from: string, ref: string): Promise<string> {
  const kept = `refs/recipe-ci/asked/${shortHash([ref], 16)}`;
  await git([...FETCH, "--", from, `+${ref}:${kept}`], { gitDir, lock: lockOf(gitDir) });
  return git(["rev-parse", "--verify", `${kept}^{commit}`], { gitDir });
}

function lockOf(gitDir: string): string {
  return `${gitDir}.lock`;
}

async function isBare(folder: string): Promise<boolean> {
  return (await git(["rev-parse", "--is-bare-repository"], { cwd: folder })) === "true";
}

/** Compared by content, in the cache: `git status` in the folder could run programs its own config names. */
async function sameTree(gitDir: string, left: string, right: string): Promise<boolean> {
  const trees = await git(["rev-parse", `${left}^{tree}`, `${right}^{tree}`], { gitDir });
  const [one, other] = trees.split("\n");
  return one === other;
}
