import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { InfraError, UserError, UserErrors } from "../lib/errors.ts";
import { type ExecResult, run } from "../lib/exec.ts";
import { findProgram, isExecutable } from "../lib/program.ts";
import type { CanonicalCompose } from "./canonical.ts";
import type { ComposeFile } from "./compose-files.ts";

/** Path or name of the Docker CLI and what always goes before its command. */
export type DockerCli = readonly [string, ...string[]];

export interface StackConfig {
  compose: CanonicalCompose;
  /** What docker/cli said beside it. */
  warnings: string[];
}

/** Variables that would change the Docker CLI itself (loader, Go runtime, telemetry) instead of the recipe. */
const RESERVED =
  /^(LD_|DYLD_|GLIBC_|GCONV_|MALLOC_|OTEL_|DOCKER_CLI_|GO(DEBUG|TRACEBACK|MAXPROCS|GC|MEMLIMIT|COVERDIR)$)/;

/**
 * Merges and interpolates compose files by docker/cli's own loader (`docker stack config`), which needs no engine.
 * The program sees the app's env and nothing else of this machine: no home, no Docker configuration, no engine.
 * @param signal ends it, with its reason
 * @throws UserError in docker/cli's words, naming the file
 * @throws InfraError when there is no Docker CLI
 */
export async function stackConfig(
  checkout: string,
  files: readonly string[],
  env: Readonly<Record<string, string>>,
  dockerCli: DockerCli,
  signal?: AbortSignal,
): Promise<StackConfig> {
  const empty = await mkdtemp(join(tmpdir(), "recipe-ci-docker-"));
  try {
    const program = await ownPath(dockerCli[0]);
    const cwd = await realpath(checkout);
    const config = (paths: readonly string[]): Promise<ExecResult> =>
      run(
        [
          program,
          ...dockerCli.slice(1),
          "--config",
          empty,
          "--host",
          `unix://${empty}/none.sock`,
          "stack",
          "config",
        ].concat(paths.flatMap((path) => ["--compose-file", path])) as [string, ...string[]],
        { cwd, env: childEnv(env), timeout: 30_000, maxBytes: 8 << 20, signal },
      );
    const result = await config(files);
    if (result.code !== 0) throw await explain(result, files, config);
    return { compose: parse(result.stdout, { maxAliasCount: 0 }), warnings: warningsOf(result.stderr) };
  } finally {
    await rm(empty, { recursive: true, force: true });
  }
}

/**
 * Refuses compose files that use a variable the Docker CLI must not see.
 * @throws UserErrors with every such place
 */
export function assertAllowed(files: readonly ComposeFile[]): void {
  const errors = files.flatMap((file) =>
    file.variables
      .filter(({ name }) => RESERVED.test(name))
      .map(({ name, line }) => new UserError(`variable ${name} can't be used`, { place: { file: file.path, line } })),
  );
  if (errors.length > 0) throw new UserErrors(errors);
}

function childEnv(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !RESERVED.test(name)));
}

/** Each file is validated alone before the merge: the first one that fails alone with these words is to blame. */
async function explain(
  result: ExecResult,
  files: readonly string[],
  config: (paths: readonly string[]) => Promise<ExecResult>,
): Promise<UserError> {
  const message = result.stderr.trim().split("\n").at(-1) || `docker stack config ended with code ${result.code}`;
  for (const file of files.length > 1 ? files : []) {
    const alone = await config([file]);
    if (alone.code !== 0 && alone.stderr.includes(message)) return new UserError(message, { place: { file } });
  }
  return new UserError(message, { place: { file: files.join(" + ") } });
}

/** `time="…" level=warning msg="…"` → the message. */
function warningsOf(stderr: string): string[] {
  return stderr
    .split("\n")
    .map((line) => /level=warning msg="((?:[^"\\]|\\.)*)"/.exec(line)?.[1]?.replace(/\\(.)/g, "$1") ?? line.trim())
    .filter(Boolean);
}

/** The program's own path: with the app's env a bare name would be looked up in the recipe's PATH. */
async function ownPath(name: string): Promise<string> {
  const found = name.includes("/") ? name : await findProgram(name);
  if (found && (await isExecutable(found))) return realpath(found);
  throw new InfraError(`no Docker CLI: ${name} can't be run`, { remedy: "install the Docker CLI, 25 or later" });
}
