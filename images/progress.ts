import { createInterface } from "node:readline";
import { Readable } from "node:stream";

/** One line of the engine's answer to pull, push, import and build: the fields this project reads. */
interface ProgressLine {
  /** Build output. */
  stream?: string;
  status?: string;
  id?: string;
  error?: string;
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
  onLine: (text: string) => void,
): Promise<void> {
  const input = stream instanceof Readable ? stream : new Readable().wrap(stream);
  const abort = () => input.destroy(signal?.reason instanceof Error ? signal.reason : undefined);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    for await (const text of createInterface({ input })) {
      if (!text.trim()) continue;
      const line = JSON.parse(text) as ProgressLine;
      if (line.error) throw new ProgressError(line.error);
      onLine((line.stream ?? `${line.id ? `${line.id}: ` : ""}${line.status ?? ""}`).trimEnd());
    }
    signal?.throwIfAborted();
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}
