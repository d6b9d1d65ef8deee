import { stat } from "node:fs/promises";
import { isAbsolute, join, resolve } from "node:path";
import { UserError } from "../lib/errors.ts";
import { fetchHistory, treeOf } from "./fetch.ts";
import { git } from "./git.ts";
import { RecipeRepo } from "./recipe-repo.ts";
import { commitFolder } from "./snapshot.ts";

export interface SourceOptions {
  /** Folder for the bare caches and the checkouts, e.g. `home("git")`. */
  cacheDir: string;
  /** Reads a local folder as it is now, uncommitted changes included, as `HEAD` (abra's `--chaos`). Default false. */
  workingTree?: boolean;
}

/**
 * Fetches the history of a recipe's repository, from a local git folder or a URL (https, ssh, file), into a bare cache
 * that several processes may share. A commit's files are fetched when they are first looked at.
 * @throws UserError for a location that is no git repository or a URL of another kind
 * @throws InfraError when the fetch fails
 */
export async function openSource(location: string, options: SourceOptions): Promise<RecipeRepo> {
  const url = remoteUrl(location);
  const folder = url ? undefined : resolve(location);
  if (folder) await assertRepository(folder);
  if (url && options.workingTree) {
    throw new UserError("a URL has no uncommitted changes", { remedy: "give a local folder, or leave --dirty out" });
  }
  const { remote, head } = await fetchHistory(url ?? folder ?? location, options.cacheDir);
  const { gitDir } = remote;
  const place = { location, gitDir, remote, trees: join(options.cacheDir, "trees") };
  if (!folder || (await isBare(folder))) return new RecipeRepo({ ...place, head });
  const now = await commitFolder({ gitDir, folder, parent: head, message: "working tree", ignored: false });
  if (await sameTree(gitDir, head, now)) return new RecipeRepo({ ...place, head });
  if (options.workingTree) {
    return new RecipeRepo({ ...place, head: now, warnings: [`${location} is tested with its uncommitted changes`] });
  }
  const warning = `${location} has uncommitted changes: they are not tested (--dirty tests them)`;
  return new RecipeRepo({ ...place, head, warnings: [warning] });
}

/** The URL as git is to get it, or undefined for a local path. */
function remoteUrl(location: string): string | undefined {
  if (/\p{Cc}/u.test(location) || location.startsWith("-") || location === "") {
    throw new UserError(`${JSON.stringify(location.slice(0, 80))} is no place of a recipe`, {
      remedy: "give a local folder, or an https, ssh or file URL",
    });
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
    throw new UserError("the URL holds a password, which would be in reports and logs", {
      remedy: "use an ssh URL with a key",
    });
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
  if (!found?.isDirectory()) {
    throw new UserError(`${folder} is no folder`, {
      remedy: "give the top folder of the recipe's repository, or its URL",
    });
  }
  const top = await git(["rev-parse", "--show-toplevel"], { cwd: folder }).catch(() => undefined);
  if (await isBare(folder).catch(() => false)) return;
  if (top === undefined || (await stat(top)).ino !== found.ino) {
    throw new UserError(`${folder} is no git repository`, {
      remedy: "give the top folder of the recipe's repository",
    });
  }
}

async function isBare(folder: string): Promise<boolean> {
  return (await git(["rev-parse", "--is-bare-repository"], { cwd: folder })) === "true";
}

/** Compared by content, in the cache: `git status` in the folder could run programs its own config names. */
async function sameTree(gitDir: string, left: string, right: string): Promise<boolean> {
  return (await treeOf(gitDir, left)) === (await treeOf(gitDir, right));
}
