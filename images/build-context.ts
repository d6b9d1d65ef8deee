import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { shortHash } from "../lib/names.ts";
import { projectPath } from "../lib/project.ts";
import type { TarFile } from "../swarm/tarball.ts";
import { type StandInSource, standInFor } from "./catalogue.ts";
import { programKey } from "./go-program.ts";

/** The files of `images/<folder>/`, sorted by name; only the executable bit of their modes counts. */
export async function contextFiles(folder: string): Promise<TarFile[]> {
  const root = projectPath(`images/${folder}`);
  const names = (await readdir(root)).sort();
  return Promise.all(
    names.map(async (name) => {
      const path = join(root, name);
      const { mode } = await stat(path);
      return { name, content: await readFile(path), mode: mode & 0o100 ? 0o755 : 0o644 };
    }),
  );
}

/** Changes with anything a stand-in is built from: files, version, and the same of its base. */
export async function inputsHash(source: StandInSource): Promise<string> {
  const files = await contextFiles(source.folder);
  return shortHash(
    [
      ...(await foundation(source)),
      ...files.flatMap((file) => [file.name, String(file.mode), file.content.toString()]),
    ],
    16,
  );
}

async function foundation(source: StandInSource): Promise<string[]> {
  if (source.kind === "debian") return [source.suite];
  if (source.kind === "wheel") return [source.program];
  const base = standInFor(source.base);
  const fetched = (source.fetched ?? []).flatMap(({ name, artifact }) => [name, artifact]);
  const wheels = source.wheels ? [source.wheels.requirements, source.wheels.python] : [];
  const compiled = source.compiled ? [programKey(source.compiled)] : [];
  return [source.base, base ? await inputsHash(base) : "", source.version, ...fetched, ...wheels, ...compiled];
}
