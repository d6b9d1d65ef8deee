import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { InfraError } from "../lib/errors.ts";
import { ExecError, exec } from "../lib/exec.ts";
import { exists } from "../lib/exists.ts";
import { home } from "../lib/home.ts";
import { causeOf, remedyFor } from "../lib/known-causes.ts";
import { OperationLog } from "../lib/operation-log.ts";
import type { TarFile } from "../swarm/tarball.ts";

/** A file of a Maven repository, for a build that can't fetch it: there this host's ways to it are not known. */
export interface Fetched {
  /** Name in the build's context. */
  name: string;
  /** `group:artifact:version:type`. */
  artifact: string;
}

/**
 * The files, fetched by Maven at first use and kept in the home.
 * @throws InfraError when Maven is missing or the file can't be had
 */
export async function fetchedFiles(all: readonly Fetched[], signal?: AbortSignal): Promise<TarFile[]> {
  const files: TarFile[] = [];
  for (const one of all) {
    const content = await readFile(await fetched(one, signal));
    files.push({ name: one.name, content, mode: 0o644 });
  }
  return files;
}

async function fetched({ artifact }: Fetched, signal?: AbortSignal): Promise<string> {
  const path = home("images", artifact.replaceAll(":", "-"));
  if (await exists(path)) return path;
  const staging = `${path}.${process.pid}`;
  await mkdir(dirname(path), { recursive: true });
  try {
    // With a repository of its own nothing is left in the user's.
    const own = [`-Dmaven.repo.local=${join(staging, "repository")}`, `-DoutputDirectory=${join(staging, "out")}`];
    await exec(["mvn", "--batch-mode", "--quiet", "dependency:copy", `-Dartifact=${artifact}`, ...own], { signal });
    const [file] = await readdir(join(staging, "out"));
    if (!file) throw new InfraError(`Maven gave no file for ${artifact}`);
    await rename(join(staging, "out", file), path);
  } catch (error) {
    if (!(error instanceof ExecError)) throw error;
    const log = new OperationLog("maven");
    log.write(error.result.stdout + error.result.stderr);
    throw new InfraError(`could not fetch ${artifact}: ${causeOf(error.message)}`, {
      remedy: remedyFor(error.message) ?? "check that Maven is installed (Debian: maven) and its repository is reached",
      log: log.file,
      cause: error,
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return path;
}
