import { posix } from "node:path";
import type { Engine } from "./client.ts";
import { tarball } from "./tarball.ts";

export interface PutFileOptions {
  /** Default 0o644. */
  mode?: number;
  /** Owner as numbers. Default 0, 0. */
  uid?: number;
  gid?: number;
}

/**
 * Writes one small file into a container, running or not. Its folder must exist.
 *
 * @param path absolute, without `..`
 */
export async function putFile(
  engine: Engine,
  containerId: string,
  path: string,
  content: string | Buffer,
  options: PutFileOptions = {},
): Promise<void> {
  if (!posix.isAbsolute(path) || posix.normalize(path) !== path || path.endsWith("/") || path.includes("\0"))
    throw new RangeError(`not the absolute path of a file: "${path}"`);
  const archive = await tarball([{ ...options, name: posix.basename(path), content }]);
  await engine.docker.getContainer(containerId).putArchive(archive, { path: posix.dirname(path) });
}
