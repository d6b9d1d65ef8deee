import { execFile } from "node:child_process";
import { ExecError } from "../lib/exec.ts";
import { projectPath } from "../lib/project.ts";

export interface GitOptions {
  /** Bare repository, or the `.git` folder of a checkout. */
  gitDir?: string;
  workTree?: string;
  indexFile?: string;
  cwd?: string;
  /** Added to the environment, e.g. fixed author dates. */
  env?: Record<string, string>;
  /** Written to standard input. */
  input?: string | Buffer;
  /** Milliseconds until the program is killed. Default 120,000. */
  timeout?: number;
  /** Bytes of output past which the program is killed. Default 64 MiB. */
  maxBytes?: number;
  /** File whose exclusive lock the program holds while it runs; the kernel frees it however the program ends. */
  lock?: string;
}

/**
 * Runs git with the project's own configuration (`source/git.config`): no hooks, no prompts, no submodules, no
 * fetch that was not asked for, only https, ssh and file transport. Gives standard output byte for byte.
 * @throws ExecError when git fails
 */
export function gitBytes(args: readonly string[], options: GitOptions = {}): Promise<Buffer> {
  const git = [...(options.gitDir ? [`--git-dir=${options.gitDir}`] : []), ...args];
  const [command, argv] = options.lock
    ? ["flock", ["--exclusive", "--timeout", "120", options.lock, "git", ...git]]
    : ["git", git];
  return new Promise((resolve, reject) => {
    const child = execFile(
      command,
      argv,
      {
        cwd: options.cwd,
        env: environment(options),
        encoding: "buffer",
        timeout: options.timeout ?? 120_000,
        killSignal: "SIGKILL",
        maxBuffer: options.maxBytes ?? 64 << 20,
      },
      (error, stdout, stderr) => {
        if (!error) return resolve(stdout);
        const code = typeof error.code === "number" ? error.code : 127;
        const why = error.killed ? "killed: too slow or too much output" : undefined;
        reject(new ExecError(["git", ...args], { code, stdout: "", stderr: stderr.toString() || error.message }, why));
      },
    );
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(options.input);
  });
}

/** Like {@link gitBytes}, as text without the line end. */
export async function git(args: readonly string[], options: GitOptions = {}): Promise<string> {
  return (await gitBytes(args, options)).toString().replace(/\n$/, "");
}

function environment(options: GitOptions): NodeJS.ProcessEnv {
  const kept = ["PATH", "HOME", "USER", "SSH_AUTH_SOCK", "TMPDIR"].map((name) => [name, process.env[name]]);
  return {
    ...Object.fromEntries(kept.filter(([, value]) => value !== undefined)),
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: projectPath("source/git.config"),
    // What every new repository begins with; `git init` also puts it into an old one that lacks it.
    GIT_TEMPLATE_DIR: projectPath("source/git-template"),
    GIT_TERMINAL_PROMPT: "0",
    // Or git would fetch what is missing in a partial repository object by object, however long each is, and from a
    // server of plain files without end.
    GIT_NO_LAZY_FETCH: "1",
    GIT_ASKPASS: "/bin/false",
    GIT_SSH_COMMAND: "ssh -o BatchMode=yes -o ConnectTimeout=20",
    GIT_ATTR_NOSYSTEM: "1",
    ...(options.workTree ? { GIT_WORK_TREE: options.workTree } : {}),
    ...(options.indexFile ? { GIT_INDEX_FILE: options.indexFile } : {}),
    ...options.env,
  };
}
