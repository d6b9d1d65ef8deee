import { chmod, cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { InfraError } from "../lib/errors.ts";
import { ExecError, type ExecOptions, exec } from "../lib/exec.ts";
import { exists } from "../lib/exists.ts";
import { home } from "../lib/home.ts";
import { causeOf, remedyFor } from "../lib/known-causes.ts";
import { withLock } from "../lib/lock.ts";
import { shortHash } from "../lib/names.ts";
import { OperationLog } from "../lib/operation-log.ts";
import { goEnvironment } from "../pulumi/go.ts";
import type { TarFile } from "../swarm/tarball.ts";

/** A program for a build's context that Go compiles on this machine: its module, built as its authors build it. */
export interface GoProgram {
  /** Name in the build's context. */
  name: string;
  /** Path of the module, which is a program itself. */
  module: string;
  /** With its leading `v`. */
  version: string;
  /** Hash of the module as `go.sum` has it; that one pins all else that is compiled. */
  sum: string;
  tags: readonly string[];
  /** Variable that is told the version. */
  versionVariable: string;
  /** Packages whose `go generate` makes files that are compiled in. Default: none. */
  generated?: readonly string[];
  /** Texts of files that the authors' own build makes by other programs, by path. Default: none. */
  added?: Readonly<Record<string, string>>;
}

/** What Docker's engine calls an architecture, as Node does. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: "x64", aarch64: "arm64" };

/**
 * The program, compiled at first use and kept in the home: minutes on two cores. It is linked statically, so that it
 * runs in any image, whatever C library this machine has.
 *
 * @param architecture as the engine names its own, e.g. `x86_64`
 * @throws InfraError without Go and a C compiler, for a module of another hash, or on a machine of another architecture
 */
export async function compiledProgram(
  program: GoProgram,
  architecture: string,
  onProgress: (text: string) => void = () => undefined,
  signal?: AbortSignal,
): Promise<TarFile> {
  if (ARCHITECTURES[architecture] !== process.arch)
    throw new InfraError(
      `${program.name} is compiled for this machine's architecture, and the node has ${architecture}`,
    );
  const path = home("images", `${program.name}-${program.version}-${programKey(program)}`);
  await withLock(
    `compile ${path}`,
    async () => {
      if (!(await exists(path))) await compile(program, path, onProgress, signal);
    },
    { deadline: "60 min", signal, onWait: ({ pid }) => onProgress(`waiting for process ${pid}, which compiles it`) },
  );
  return { name: program.name, content: await readFile(path), mode: 0o755 };
}

/** Changes with all that a program is compiled from. */
export function programKey(program: GoProgram): string {
  return shortHash([JSON.stringify(program), process.arch]);
}

async function compile(
  program: GoProgram,
  path: string,
  onProgress: (text: string) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const staging = `${path}.${process.pid}`;
  const log = new OperationLog(`compile-${program.name}`);
  await mkdir(dirname(path), { recursive: true });
  const go = (args: readonly string[], options: ExecOptions = {}) =>
    exec(["nice", "go", ...args], { env: environment(), cwd: staging, signal, ...options });
  try {
    const module = await download(program, signal);
    await cp(module, staging, { recursive: true });
    await makeWritable(staging);
    for (const [name, text] of Object.entries(program.added ?? {})) await addFile(join(staging, name), text);
    const tags = ["-tags", program.tags.join(",")];
    if (program.generated)
      await go(["generate", ...tags, ...program.generated], { onOutput: (text) => log.write(text) });
    const version = `-X ${program.versionVariable}=${program.version.replace(/^v/, "")}`;
    const linking = `-s -w ${version} -linkmode external -extldflags "-static"`;
    let packages = 0;
    // -v prints each package as it is compiled, which is what progress is made of.
    await go(["build", "-v", "-trimpath", ...tags, "-ldflags", linking, "-o", join(staging, "made"), "."], {
      onOutput: (text) => {
        log.write(text);
        for (const line of text.split("\n").filter(Boolean)) onProgress(`${++packages} packages compiled, now ${line}`);
      },
    });
    await rename(join(staging, "made"), path);
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof ExecError)) throw error;
    log.write(error.result.stderr);
    throw new InfraError(`${program.module} ${program.version} can't be compiled: ${causeOf(error.message)}`, {
      remedy: remedyFor(error.message) ?? "see that `go` and a C compiler (Debian: gcc, libc6-dev) are on PATH",
      log: log.file,
      cause: error,
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  log.remove();
}

/** A C compiler is needed as well: sqlite is in C. */
function environment(): NodeJS.ProcessEnv {
  return { ...goEnvironment(), CGO_ENABLED: "1" };
}

/** @returns folder of the module in Go's own cache, which nothing may change */
async function download({ module, version, sum }: GoProgram, signal?: AbortSignal): Promise<string> {
  const said = await exec(["go", "mod", "download", "-json", `${module}@${version}`], {
    ...{ env: environment(), cwd: "/", signal },
  });
  const got: { Dir: string; Sum: string } = JSON.parse(said);
  if (got.Sum !== sum) throw new InfraError(`${module} ${version} has the hash ${got.Sum}, and not ${sum}`);
  return got.Dir;
}

async function makeWritable(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
}

async function addFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
