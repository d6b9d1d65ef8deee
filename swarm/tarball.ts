import { pack } from "tar-stream";

/** One file of an archive. `name` is relative; mode defaults to 0o644, owner to 0:0. */
export interface TarFile {
  name: string;
  content: string | Buffer;
  mode?: number;
  uid?: number;
  gid?: number;
}

/** A tar archive of a few small files, in memory. The same files give the same bytes. */
export async function tarball(files: readonly TarFile[]): Promise<Buffer> {
  const archive = pack();
  for (const { name, content, mode = 0o644, uid = 0, gid = 0 } of files)
    archive.entry({ name, mode, uid, gid, mtime: new Date(0) }, content);
  archive.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of archive) if (piece instanceof Uint8Array) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}
