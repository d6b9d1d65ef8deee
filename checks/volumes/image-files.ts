import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type Docker from "dockerode";
import { extract } from "tar-stream";
import { asInfra, type Engine, found } from "../../swarm/client.ts";
import { RUN_LABEL } from "../../swarm/run-label.ts";

/** What tells the contents of files apart, by their paths below a folder: SHA-256, in hex. */
export type FolderFiles = ReadonlyMap<string, string>;

/** Bytes of a folder that are looked at, at most. */
const MOST = 256 << 20;

/**
 * The files that an image has below a folder, which Docker copies into an empty volume that is mounted there. Undefined
 * where there is no such folder, more than is looked at, or no such image on the engine.
 *
 * @param run whose container it is that the image is looked into by: it never starts, and is gone afterwards
 */
export async function imageFiles(
  engine: Engine,
  { image, run }: { image: string; run: string },
  folder: string,
): Promise<FolderFiles | undefined> {
  const options = { Image: image, Cmd: ["none"], Labels: { [RUN_LABEL]: run }, NetworkDisabled: true };
  const container = await asInfra(engine, found(engine.docker.createContainer(options)));
  if (!container) return undefined;
  try {
    const archive = await asInfra(engine, found(container.getArchive({ path: folder })));
    return archive && (await filesIn(Readable.from(archive)));
  } finally {
    await removed(engine, container);
  }
}

async function removed(engine: Engine, container: Docker.Container): Promise<void> {
  await asInfra(engine, found(container.remove({ force: true, v: true })));
}

/** The files of an archive of one folder, whose name comes first in each path; undefined where they are too many. */
export async function filesIn(archive: Readable): Promise<FolderFiles | undefined> {
  const files = new Map<string, string>();
  let size = 0;
  try {
    for await (const entry of archive.pipe(extract())) {
      const { name, type = "file" } = entry.header;
      const hash = createHash("sha256");
      for await (const piece of entry as AsyncIterable<Buffer>) {
        size += piece.length;
        if (size > MOST) return undefined;
        hash.update(piece);
      }
      if (type === "file") files.set(name.split("/").slice(1).join("/"), hash.digest("hex"));
    }
    return files;
  } finally {
    archive.destroy();
  }
}
