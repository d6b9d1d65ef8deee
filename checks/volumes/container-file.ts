import { asInfra } from "../../swarm/client.ts";
import type { Placed } from "../../swarm/exec.ts";

/** Bytes of an archive in which a file's own beginning lies. */
const BEGINNING = 8192;
/** Bytes of the header before it (POSIX, ustar). */
const HEADER = 512;

/** What lies at a path in a container. */
export interface ContainerFile {
  /** Whether it is a file with something in it, and no link or folder. */
  isFile: boolean;
  /** Its beginning, each byte a character. */
  text: string;
}

/** A file in a container's own file system, which need have no shell; nothing where it is gone meanwhile. */
export async function containerFile({ engine, id }: Placed, path: string): Promise<ContainerFile> {
  const archive = await asInfra(engine, engine.docker.getContainer(id).getArchive({ path })).catch(() => undefined);
  if (!archive) return { isFile: false, text: "" };
  let bytes = Buffer.alloc(0);
  for await (const piece of archive) {
    bytes = Buffer.concat([bytes, Buffer.from(piece)]);
    if (bytes.length >= BEGINNING) break; // Which closes the stream.
  }
  return fileIn(bytes);
}

/** The same of an archive's beginning. */
export function fileIn(archive: Buffer): ContainerFile {
  const size = Number.parseInt(archive.subarray(124, 136).toString("latin1"), 8);
  const isFile = archive[156] === "0".charCodeAt(0) && size > 0;
  return { isFile, text: isFile ? archive.subarray(HEADER, HEADER + size).toString("latin1") : "" };
}
