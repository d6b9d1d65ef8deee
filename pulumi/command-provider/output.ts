import { StringDecoder } from "node:string_decoder";

export type Logging = "stdout" | "stderr" | "stdoutAndStderr" | "none";
type Stream = "stdout" | "stderr";

/** Bytes kept of each stream: what goes into the state, and over the protocol, has to stay bounded. */
const MAX_BYTES = 16 << 20;

/** Collects what a command prints: each stream for the state, both in order for an error, and lines for the log. */
export class CommandOutput {
  readonly #text = { stdout: "", stderr: "" };
  readonly #decoders = { stdout: new StringDecoder("utf8"), stderr: new StringDecoder("utf8") };
  readonly #partial = { stdout: "", stderr: "" };
  readonly #logged: readonly Stream[];
  readonly #onLine: (line: string) => void;
  #combined = "";

  constructor(logging: Logging | undefined, onLine: (line: string) => void) {
    const both = logging === undefined || logging === "stdoutAndStderr";
    this.#logged = both ? ["stdout", "stderr"] : logging === "none" ? [] : [logging];
    this.#onLine = onLine;
  }

  add(stream: Stream, piece: Buffer): void {
    const text = this.#decoders[stream].write(piece);
    if (this.#text[stream].length < MAX_BYTES) {
      this.#text[stream] += text;
      this.#combined += text;
    }
    if (!this.#logged.includes(stream)) return;
    const lines = (this.#partial[stream] + text).split("\n");
    this.#partial[stream] = lines.pop() ?? "";
    for (const line of lines) this.#onLine(line);
  }

  /** Shows a last line that has no line end. To be called once, when the command has ended. */
  end(): void {
    for (const stream of this.#logged) if (this.#partial[stream]) this.#onLine(this.#partial[stream]);
  }

  /** One stream as the state holds it: without its last line end. */
  result(stream: Stream): string {
    return this.#text[stream].replace(/\n$/, "");
  }

  /** Both streams, in the order in which they came. */
  get combined(): string {
    return this.#combined;
  }
}
