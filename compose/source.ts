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
  const { gitDir, head } = await fetch(url ?? folder ?? location, options.cacheDir);
  const trees = join(options.cacheDir, "trees");
  const dirty = folder !== undefined && (await hasChanges(folder));
  if (folder && dirty && options.workingTree) {
    const now = await commitFolder({ gitDir, folder, parent: head, message: "working tree", ignored: false });
    return new RecipeRepo({ location, gitDir, head: now, trees });
  }
  const warnings = dirty ? [`${location} has uncommitted changes: they are not tested`] : [];
  return new RecipeRepo({ location, gitDir, head, trees, warnings });
}

/** The URL as git is to get it, or undefined for a local path. */
function remoteUrl(location: string): string | undefined {
  if (/[\s\p{Cc}]/u.test(location) || location.startsWith("-") || location === "") {
    throw new UserError(`${JSON.stringify(location.slice(0, 80))} is no place of a recipe`);
  }
  const scp = /^(?:[A-Za-z0-9._-]+@)?[A-Za-z0-9][A-Za-z0-9.-]*:(?!\/\/)[^:-]/.test(location) && !isAbsolute(location);
  if (scp) return location;
  if (!location.includes("://")) {
    if (/^[A-Za-z0-9+.-]+::/.test(location)) throw wrongKind(location);
    return undefined;
  }
  const parsed = URL.canParse(location) ? new URL(location) : undefined;
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
  const bare = await git(["rev-parse", "--is-bare-repository"], { cwd: folder }).catch(() => "false");
  if (bare === "true") return;
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
  const lock = `${gitDir}.lock`;
  const refs = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*", `+HEAD:${HEAD_REF}`];
  try {
    await git(["init", "--bare", "--quiet", "--", gitDir], { lock });
    await git(["fetch", "--quiet", "--prune", "--no-tags", "--no-write-fetch-head", "--", from, ...refs], {
      gitDir,
      lock,
    });
    return { gitDir, head: await git(["rev-parse", "--verify", HEAD_REF], { gitDir }) };
  } catch (error) {
    const why = error instanceof ExecError ? error.message : String(error);
    throw new InfraError(`the recipe could not be fetched from ${from}: ${why}`, {
      remedy: "check the place, the network and the access rights",
      cause: error,
    });
  }
}

async function hasChanges(folder: string): Promise<boolean> {
  const bare = await git(["rev-parse", "--is-bare-repository"], { cwd: folder });
  return bare !== "true" && (await git(["status", "--porcelain", "--ignore-submodules=none"], { cwd: folder })) !== "";
}
