import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type AuthorContext, CheckFailure } from "recipe-ci";

/** Who pushes and clones: git's own user and token, as people have them. */
export interface GitUser {
  name: string;
  token: string;
}

/** A clone on this machine. */
export interface Clone {
  /** Text of a file of it. */
  read(file: string): Promise<string>;
  /** Commits, newest first, by their subjects. */
  log(): Promise<string[]>;
  /** Commits a file, and pushes. */
  push(file: string, text: string, subject: string): Promise<void>;
}

/**
 * Clones a repository over HTTP with git itself, by the way that users' requests take, and takes the clone away after
 * use. @throws CheckFailure for what git says
 */
export async function cloned<T>(
  context: AuthorContext,
  repository: string,
  user: GitUser,
  use: (clone: Clone) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "recipe-ci-git-"));
  const work = join(folder, "clone");
  try {
    const { url, env } = await access(context, folder, user);
    const git = (...args: string[]) => run(context, args, { ...env, HOME: folder });
    await git("clone", "--quiet", `${url}/${repository}.git`, work);
    return await use({
      read: (file) => readFile(join(work, file), "utf8"),
      log: async () => (await git("-C", work, "log", "--format=%s")).trim().split("\n"),
      push: async (file, text, subject) => {
        await writeFile(join(work, file), text);
        await git("-C", work, "add", file);
        await git("-C", work, "commit", "--quiet", "--message", subject);
        await git("-C", work, "push", "--quiet", "origin", "HEAD");
      },
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Nothing of the user's own settings counts, and the token goes by the environment. */
async function access({ app, entry }: AuthorContext, folder: string, { name, token }: GitUser) {
  if (!entry)
    throw new CheckFailure("git reaches only what Traefik routes to, and the node has none", { owner: "infra" });
  const ca = join(folder, "ca.pem");
  await writeFile(ca, entry.ca);
  const settings = {
    "http.curloptResolve": `${app.domain}:${entry.port}:${entry.address}`,
    "http.sslCAInfo": ca,
    "http.proxy": "",
    "http.extraHeader": `Authorization: Basic ${Buffer.from(`${name}:${token}`).toString("base64")}`,
    "user.name": name,
    "user.email": `${name}@example.org`,
    "init.defaultBranch": "main",
  };
  const pairs = Object.entries(settings).flatMap(([key, value], at) => [
    [`GIT_CONFIG_KEY_${at}`, key],
    [`GIT_CONFIG_VALUE_${at}`, value],
  ]);
  const env = {
    ...{ PATH: process.env.PATH, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1", GIT_TERMINAL_PROMPT: "0" },
    GIT_CONFIG_COUNT: String(Object.keys(settings).length),
    ...Object.fromEntries(pairs),
  };
  return { url: `https://${app.domain}${entry.port === 443 ? "" : `:${entry.port}`}`, env };
}

async function run({ signal }: AuthorContext, args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)("git", args, { env, signal, timeout: 60_000 });
    return stdout;
  } catch (error) {
    signal.throwIfAborted();
    const { stderr = "" } = error as { stderr?: string };
    throw new CheckFailure(`git ${args.find((one) => /^[a-z]+$/.test(one))}: ${stderr.trim() || String(error)}`);
  }
}
