import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { InfraError, UserError, UserErrors } from "../../lib/errors.ts";
import { run } from "../../lib/exec.ts";
import { findProgram, isExecutable } from "../../lib/program.ts";
import type { CanonicalCompose } from "../files/canonical.ts";
import type { ComposeFile } from "../files/compose-file.ts";
import { excesses, OUTPUT_LIMIT, tooLong } from "./bounds.ts";
import { type Config, dockerMistakes } from "./docker-words.ts";
import { assertSeen, envFileMistakes } from "./env-files.ts";
import { fillWithheld, passedOn } from "./steering-variables.ts";

/** Path or name of the Docker CLI and what always goes before its command. */
export type DockerCli = readonly [string, ...string[]];

export interface StackConfig {
  compose: CanonicalCompose;
  /** What docker/cli said beside it. */
  warnings: string[];
}

export interface StackConfigOptions {
  checkout: string;
  /** In the order of `COMPOSE_FILE`. */
  files: readonly ComposeFile[];
  env: Readonly<Record<string, string>>;
  dockerCli: DockerCli;
  /** Ends the Docker CLI, and the call with its reason. */
  signal?: AbortSignal;
}

/** Milliseconds. The longest files that are read take it a second. */
const TIME_LIMIT = 30_000;

/**
 * Merges and interpolates compose files by docker/cli's own loader (`docker stack config`), which needs no engine.
 * The program sees the app's env and nothing else of this machine: no home, no Docker configuration, no engine.
 *
 * The one thing it opens that a recipe names is an `env_file`. These are looked at before it runs, in files whose text
 * it can't read otherwise (`compose-text.ts`, `yaml-dialects.ts`); and should it yet do so, its answer says which it
 * opened, and is refused (`assertSeen`), and its complaint is not passed on (`docker-words.ts`).
 * @throws UserErrors in docker/cli's words, naming file and line
 * @throws InfraError when there is no Docker CLI
 */
export async function stackConfig(options: StackConfigOptions): Promise<StackConfig> {
  const { files, env } = options;
  const { stdout, stderr } = await read(options);
  const compose = parsed(stdout, files);
  assertSeen(compose, files);
  fillWithheld(compose, env);
  return { compose, warnings: warningsOf(stderr) };
}

/**
 * Like {@link stackConfig}, for files that abra takes as well: before it deploys an app, or makes its secrets, it also
 * reads the files without putting variables in, where docker/cli finds no number, size or duration in a variable.
 */
export async function abraStackConfig(options: StackConfigOptions): Promise<StackConfig> {
  const [merged, plain] = await Promise.allSettled([
    stackConfig(options),
    read(options, "--skip-interpolation").catch((error: unknown) => {
      throw error instanceof UserErrors ? new UserErrors(error.errors.map(withoutVariables)) : error;
    }),
  ]);
  // What it refuses both ways is told as it is.
  if (merged.status === "rejected") throw merged.reason;
  if (plain.status === "rejected") throw plain.reason;
  return merged.value;
}

/** The mistake of a file that is right with variables put in, and can't be read as abra does without. */
export class UnreadWithoutVariables extends UserError {}

function withoutVariables({ message, place }: UserError): UserError {
  return new UnreadWithoutVariables(`abra can't make the app: without variables put in, docker/cli says: ${message}`, {
    place,
    remedy: "abra reads the files that way too: write the value itself there, and leave an empty list out",
  });
}

async function read(options: StackConfigOptions, ...flags: string[]): Promise<{ stdout: string; stderr: string }> {
  const { checkout, files, env, dockerCli, signal } = options;
  const mistakes = [...excesses(files, env), ...(await envFileMistakes(checkout, files))];
  if (mistakes.length > 0) throw new UserErrors(mistakes);
  const empty = await mkdtemp(join(tmpdir(), "recipe-ci-docker-"));
  try {
    const program = await ownPath(dockerCli[0]);
    const cwd = await realpath(checkout);
    const own = ["--config", empty, "--host", `unix://${empty}/none.sock`];
    const config: Config = (some) =>
      run([program, ...dockerCli.slice(1), ...own, "stack", "config", ...flags, ...some.flatMap(argument)], {
        cwd,
        env: passedOn(env),
        timeout: TIME_LIMIT,
        // It waits for its work to end at a SIGTERM.
        killSignal: "SIGKILL",
        maxBytes: OUTPUT_LIMIT,
        signal,
      });
    const result = await config(files);
    if (result.killed === "output") throw new UserErrors([tooLong(pathsOf(files))]);
    if (result.killed) {
      const message = `docker stack config took more than ${TIME_LIMIT / 1000} s`;
      throw new InfraError(message, { remedy: "the machine is busy: try again" });
    }
    if (result.code !== 0) throw new UserErrors(await dockerMistakes(result, files, config, env));
    return result;
  } finally {
    await rm(empty, { recursive: true, force: true });
  }
}

/** The flag takes a line of CSV, which a comma would cut into two paths; `-` would be the standard input. */
function argument({ path }: ComposeFile): string[] {
  return ["--compose-file", `"./${path.replaceAll('"', '""')}"`];
}

function parsed(output: string, files: readonly ComposeFile[]): CanonicalCompose {
  try {
    return parse(output, { maxAliasCount: 0, uniqueKeys: false });
  } catch (error) {
    const place = { file: pathsOf(files) };
    const remedy = "write it in fewer levels";
    const message = "what docker/cli makes of it can't be read: it is nested too deeply";
    throw new UserError(message, { place, remedy, cause: error });
  }
}

function pathsOf(files: readonly ComposeFile[]): string {
  return files.map(({ path }) => path).join(" + ");
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
