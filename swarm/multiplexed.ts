/**
 * The engine's stream format for output without a terminal: frames of an 8-byte header (stream number, three zero
 * bytes, length as big-endian 32 bits) and that many bytes (Engine API, "Attach to a container").
 */
export class Demultiplexer {
  #pending = Buffer.alloc(0);
  readonly #stdout: Kept = { pieces: [], size: 0 };
  readonly #stderr: Kept = { pieces: [], size: 0 };
  readonly #most: number;

  /** @param most bytes of each stream that are kept, of more the last. Default: all */
  constructor(most = Number.POSITIVE_INFINITY) {
    this.#most = most;
  }

  /** Takes the next piece of the stream, cut anywhere. */
  push(piece: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, piece]);
    while (this.#pending.length >= HEADER) {
      const end = HEADER + this.#pending.readUInt32BE(4);
      if (this.#pending.length < end) return;
      this.#keep(this.#pending[0] === STDERR ? this.#stderr : this.#stdout, this.#pending.subarray(HEADER, end));
      this.#pending = this.#pending.subarray(end);
    }
  }

  #keep(kept: Kept, piece: Buffer): void {
    kept.pieces.push(piece);
    kept.size += piece.length;
    while (kept.size > this.#most && kept.pieces.length > 1) kept.size -= kept.pieces.shift()?.length ?? 0;
  }

  get stdout(): string {
    return Buffer.concat(this.#stdout.pieces).toString();
  }

  get stderr(): string {
    return Buffer.concat(this.#stderr.pieces).toString();
  }
}

/** What is kept of one stream, and its bytes. */
interface Kept {
  pieces: Buffer[];
  size: number;
}

const HEADER = 8;
const STDERR = 2;

/**
 * Both output streams of a finished answer in the order the engine gave them. Text that is not in frames
 * (a container with a terminal) is given as it is.
 */
export function interleaved(answer: Buffer): string {
  const texts: Buffer[] = [];
  let at = 0;
  while (at + HEADER <= answer.length && (answer[at] ?? 255) <= STDERR && answer.readUIntBE(at + 1, 3) === 0) {
    const end = at + HEADER + answer.readUInt32BE(at + 4);
    texts.push(answer.subarray(at + HEADER, end));
    at = end;
  }
  texts.push(answer.subarray(at));
  return Buffer.concat(texts).toString();
}
