import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { git } from "./git.ts";

export interface SnapshotOptions {
  /** Bare repository the commit goes into. */
  gitDir: string;
  folder: string;
  parent?: string;
  message: string;
  /** Days after the first of all; the same input always gives the same commit id. Default 0. */
  day?: number;
  /** Also files a `.gitignore` names. */
  ignored: boolean;
}

/** Commits a folder as it is, without touching it, and gives the commit id. No ref moves. */
export async function commitFolder(options: SnapshotOptions): Promise<string> {
  const { gitDir, folder } = options;
  const indexFile = join(gitDir, `index-${randomUUID()}`);
  try {
    const force = options.ignored ? ["--force"] : [];
    await git(["add", "--all", ...force, "."], { gitDir, workTree: folder, cwd: folder, indexFile });
    const tree = await git(["write-tree"], { gitDir, indexFile });
    const parent = options.parent ? ["-p", options.parent] : [];
    return await git(["commit-tree", ...parent, "-m", options.message, tree], { gitDir, env: author(options.day) });
  } finally {
    await rm(indexFile, { force: true });
  }
}

/** Puts an annotated tag on a commit. */
export async function tagCommit(gitDir: string, name: string, commit: string, day = 0): Promise<void> {
  await git(["tag", "--annotate", "--force", "-m", name, "--", name, commit], { gitDir, env: author(day) });
}

/** The same person and time always, so that ids do not depend on when and where. */
function author(day = 0): Record<string, string> {
  const date = new Date(Date.UTC(2024, 0, 1 + day)).toISOString();
  const who = { NAME: "recipe-ci", EMAIL: "recipe-ci@ci.test", DATE: date };
  return Object.fromEntries(
    Object.entries(who).flatMap(([key, value]) => [
      [`GIT_AUTHOR_${key}`, value],
      [`GIT_COMMITTER_${key}`, value],
    ]),
  );
}
