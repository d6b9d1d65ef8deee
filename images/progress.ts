import { createInterface } from "node:readline";
import { Readable } from "node:stream";

/** One line of the engine's answer to pull, push, import and build: the fields this project reads. */
interface ProgressLine {
  /** Build output. */
  stream?: string;
  status?: string;
  id?: string;
  error?: string;
  /** Of a layer that is downloaded or unpacked: bytes. */
  progressDetail?: { total?: number };
}

/** What is told of an answer as it comes. */
export interface Told {
  line: (text: string) => void;
  /** Bytes of each layer that is downloaded, before it is. Default: nobody is told. */
  layer?: (id: string, bytes: number) => void;
}

/** The engine reported an error inside an answer that had begun well. */
export class ProgressError extends Error {
  override readonly name = "ProgressError";
}

/**
 * Reads such an answer to its end.
 *
 * @throws ProgressError with the engine's words, or the signal's reason.
 */
export async function followProgress(
  stream: NodeJS.ReadableStream,
  signal: AbortSignal | undefined,
  told: Told | Told["line"],
): Promise<void> {
  const { line: onLine, layer } = typeof told === "function" ? { line: told } : told;
  const input = stream instanceof Readable ? stream : new Readable().wrap(stream);
  const abort = () => input.destroy(signal?.reason instanceof Error ? signal.reason : undefined);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    for await (const text of createInterface({ input })) {
      if (!text.trim()) continue;
      const line = JSON.parse(text) as ProgressLine;
      if (line.error) throw new ProgressError(line.error);
      const total = line.status === "Downloading" ? line.progressDetail?.total : undefined;
      if (line.id && total) layer?.(line.id, total);
      onLine((line.stream ?? `${line.id ? `${line.id}: ` : ""}${line.status ?? ""}`).trimEnd());
    }
    signal?.throwIfAborted();
  } finally {
    signal?.removeEventListener("abort", abort);
    // Who is told may have had enough of it; then the engine is to stop, and what that does to the answer is no news.
    input.on("error", () => undefined).destroy();
  }
}
