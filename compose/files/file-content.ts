import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import { type ErrorPlace, UserError, UserErrors, userErrors } from "../../lib/errors.ts";
import { recipeFile } from "./compose-file.ts";

/** Longest content that Swarm takes, in bytes (swarmkit, manager/controlapi/config.go and secret.go). */
export const CONTENT_LIMIT = { configs: 1000 * 1024 - 1, secrets: 500 * 1024 - 1 } as const;
/** Bytes of all configs and secrets of an app that come from files: what a Swarm's managers keep of it in memory. */
const TOTAL_LIMIT = 8 << 20;

/** How a file begins that stands for one kept elsewhere (git-lfs, docs/spec.md). */
const LFS_POINTER = "version https://git-lfs.github.com/spec/v1\n";

/**
 * The bytes of the file a config or secret is made of, symbolic links within the recipe followed.
 * @param file path within the recipe
 * @throws UserError when it is missing, outside the recipe, empty, a pointer of Git LFS, or longer than Swarm takes
 */
export async function fileContent(
  checkout: string,
  file: string,
  kind: keyof typeof CONTENT_LIMIT,
  place: ErrorPlace = {},
): Promise<Buffer> {
  const data = await fileBytes(checkout, file, kind, place);
  if (!isPointer(data)) return data;
  const remedy = "keep the file itself in the repository";
  const message = `"${file}" is a pointer of Git LFS, and operators would get the pointer as the ${kind.slice(0, -1)}`;
  throw new UserError(message, { place, remedy });
}

/** Whether bytes are no content, but say where Git LFS has it. */
export function isPointer(data: Buffer): boolean {
  return data.subarray(0, LFS_POINTER.length).toString("latin1") === LFS_POINTER;
}

/** {@link fileContent}, pointers of Git LFS included. */
export async function fileBytes(
  checkout: string,
  file: string,
  kind: keyof typeof CONTENT_LIMIT,
  place: ErrorPlace = {},
): Promise<Buffer> {
  const data = await readFile(await recipeFile(checkout, file, CONTENT_LIMIT[kind], place));
  if (data.length > 0) return data;
  const remedy = "write something into it, a comment if need be, or take it out of the compose file";
  throw new UserError(`"${file}" is empty, and Swarm takes no empty ${kind.slice(0, -1)}`, { place, remedy });
}

/** Reads the contents of one app's configs and secrets. */
export class AppContents {
  private readonly checkout: string;
  private total = 0;

  constructor(checkout: string) {
    this.checkout = checkout;
  }

  /**
   * @param path absolute, as docker/cli prints it
   * @returns path within the recipe, and the bytes as base64
   * @throws UserError as {@link fileContent}, and once all together are too much
   */
  async of(path: string, kind: keyof typeof CONTENT_LIMIT): Promise<{ file: string; data: string }> {
    const file = relative(this.checkout, path);
    const isFull = this.total > TOTAL_LIMIT;
    const bytes = isFull ? Buffer.alloc(0) : await fileContent(this.checkout, file, kind);
    this.total += bytes.length;
    if (this.total <= TOTAL_LIMIT) return { file, data: bytes.toString("base64") };
    const remedy = "put the longest into the image or a volume";
    throw new UserError(`with "${file}" the app's configs have more than ${TOTAL_LIMIT} bytes together`, { remedy });
  }
}

/** One after the other, so that no more lies in memory than is kept. @throws UserErrors with all that is wrong */
export async function inTurn<T, R>(items: readonly T[], read: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const errors: UserError[] = [];
  for (const item of items) {
    try {
      results.push(await read(item));
    } catch (error) {
      errors.push(...userErrors(error));
    }
  }
  if (errors.length > 0) throw new UserErrors(errors);
  return results;
}
