import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { InfraError, UserError } from "../lib/errors.ts";
import { ExecError } from "../lib/exec.ts";
import { shortHash } from "../lib/names.ts";
import { FILE_LIMIT } from "./checkout.ts";
import { git } from "./git.ts";

/** Where the cache keeps what HEAD of the source is. */
const HEAD_REF = "refs/recipe-ci/head";
const ALL_REFS = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*", `+HEAD:${HEAD_REF}`];

/** What of the wanted objects a server is to send: commits and tags only, or all but files too long to be read. */
const HISTORY = "tree:0";
const CONTENT = `blob:limit=${FILE_LIMIT + 1}`;

/** What git says in English, which it is run in. */
const NO_HEAD = "couldn't find remote ref HEAD";

/** Without it git tells which commits are here, and the server takes their files to be here as well. */
const REFETCH = "--refetch";

/** What `gitBytes` gives for a git that was killed or never ran. */
const KILLED = 127;

/** A recipe's repository elsewhere, and the bare cache of what was fetched from it; several processes may share it. */
export interface Remote {
  /** Folder or URL. */
  from: string;
  gitDir: string;
  /** What is fetched where no part can be had: every branch and tag, and the refs that were asked for. */
  refs: string[];
}

/**
 * Brings every branch and tag with its whole history into the cache, without any file where the server can leave
 * them out. Gives the commit HEAD of the source names.
 * @throws UserError when HEAD of the source names none
 * @throws InfraError when the fetch fails
 */
export async function fetchHistory(from: string, cacheDir: string): Promise<{ remote: Remote; head: string }> {
  const gitDir = join(cacheDir, `${shortHash([from], 16)}.git`);
  const remote = { from, gitDir, refs: [...ALL_REFS] };
  try {
    await mkdir(cacheDir, { recursive: true, mode: 0o700 });
    await git(["init", "--bare", "--quiet", "--", gitDir], { lock: lockOf(gitDir) });
    await orWhole(remote, fetchPart(remote, HISTORY, ["--prune"], ALL_REFS));
    return { remote, head: await git(["rev-parse", "--verify", HEAD_REF], { gitDir }) };
  } catch (error) {
    if (error instanceof ExecError && error.message.includes(NO_HEAD)) throw withoutCommit(from);
    throw failed("the recipe", from, error);
  }
}

/** A new repository, or one whose HEAD names a branch that is not there. */
function withoutCommit(from: string): UserError {
  return new UserError(`${from} has no commit, or none on the branch that its HEAD names`, {
    remedy: "commit the recipe's files, or let HEAD name a branch that has some",
  });
}

/** Fetches one ref, or a commit by its id where the server allows it, and gives the commit; files stay behind. */
export async function fetchRef(remote: Remote, ref: string): Promise<string> {
  const kept = `refs/recipe-ci/asked/${shortHash([ref], 16)}`;
  const refs = [`+${ref}:${kept}`];
  await orWhole(remote, fetchPart(remote, HISTORY, [], refs), refs);
  remote.refs.push(...refs);
  return git(["rev-parse", "--verify", `${kept}^{commit}`], { gitDir: remote.gitDir });
}

/**
 * Makes sure that the cache has the files of a commit, those longer than 10 MiB excepted.
 * @throws InfraError when they are not there and the fetch fails
 */
export async function fetchFiles(remote: Remote, commit: string): Promise<void> {
  const { gitDir } = remote;
  const tree = await treeOf(gitDir, commit);
  // Stands once a tree was fetched: only files that are too long can still be missing.
  const mark = `refs/recipe-ci/trees/${tree}`;
  if ((await isWhole(gitDir, tree)) || (await succeeds(git(["rev-parse", "--verify", "--quiet", mark], { gitDir })))) {
    return;
  }
  try {
    await orWhole(remote, fetchPart(remote, CONTENT, [REFETCH], [`${tree}:${mark}`]));
    await git(["update-ref", mark, tree], { gitDir });
  } catch (error) {
    throw failed(`the files of commit ${commit.slice(0, 8)}`, remote.from, error);
  }
}

/** The id of a commit's tree, which need not be in the cache. */
export async function treeOf(gitDir: string, commit: string): Promise<string> {
  const text = await git(["cat-file", "commit", commit], { gitDir });
  return text.slice("tree ".length, text.indexOf("\n"));
}

/** Fetches refs by git's own rules for a partial repository: what a filter leaves out may be missing afterwards. */
function fetchPart(remote: Remote, filter: string, options: string[], refs: string[]): Promise<void> {
  const partial = { "remote.origin.promisor": "true", "remote.origin.partialCloneFilter": filter };
  return fetch(remote, partial, options, refs);
}

/**
 * Fetches everything when a part could not be had: a server of the old protocol gives no tree by its id, one of plain
 * files gives no part of anything, and git fails to leave out a tree that a tag names.
 */
async function orWhole(remote: Remote, part: Promise<void>, refs = remote.refs): Promise<void> {
  try {
    await part;
  } catch (error) {
    if (error instanceof ExecError && error.result.code === KILLED) throw error;
    await fetch(remote, {}, ["--prune", REFETCH], refs);
  }
}

/** The settings are those of this command only: commands that read the cache must not know where it comes from. */
async function fetch(remote: Remote, config: Record<string, string>, options: string[], refs: string[]) {
  const { gitDir, from } = remote;
  const all = Object.entries({ "remote.origin.url": from, ...config });
  const env = all.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  await git(["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", ...options, "--stdin"], {
    gitDir,
    lock: lockOf(gitDir),
    env: { GIT_CONFIG_COUNT: String(all.length), ...Object.fromEntries(env) },
    input: refs.join("\n"),
  });
}

/** Whether the cache has everything a tree holds. Never asks the source. */
async function isWhole(gitDir: string, tree: string): Promise<boolean> {
  const walk = git(["rev-list", "--objects", "--missing=print", "--no-object-names", tree], { gitDir });
  return walk.then(
    (objects) => !objects.includes("?"),
    () => false,
  );
}

function succeeds(attempt: Promise<unknown>): Promise<boolean> {
  return attempt.then(
    () => true,
    () => false,
  );
}

function failed(what: string, from: string, error: unknown): InfraError {
  const why = error instanceof ExecError ? error.message : String(error);
  return new InfraError(`${what} could not be fetched from ${from}: ${why}`, {
    remedy: "check the place, the network and the access rights",
    cause: error,
  });
}

function lockOf(gitDir: string): string {
  return `${gitDir}.lock`;
}
