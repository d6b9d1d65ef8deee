import { type Duration, humanize, milliseconds } from "../lib/duration.ts";
import { InfraError } from "../lib/errors.ts";
import { engineMessage, type Swarm } from "../swarm/client.ts";
import type { DiskRoom } from "./disk-room.ts";
import { followProgress } from "./progress.ts";
import { familiar, parseReference, withDefaultTag } from "./reference.ts";
import { type RegistryLogins, registryLogins } from "./registry-logins.ts";

/**
 * `not-found`: the registry has no such image, or none that it shows; `auth`: it wants a login;
 * `rate-limit`: it wants us to wait; `network`: it did not answer properly.
 */
export type PullFailure = "not-found" | "auth" | "rate-limit" | "network";

/** An image could not be pulled. */
export class PullError extends Error {
  override readonly name = "PullError";
  readonly image: string;
  readonly kind: PullFailure;
  /** The registry's own words, or the engine's about it. */
  readonly answer: string;

  constructor(image: string, answer: string, options: { cause?: unknown } = {}) {
    super(`${image}: ${answer}`, options);
    this.image = image;
    this.kind = classify(answer);
    this.answer = answer;
  }
}

/** Which kind of failure a registry's answer is. What is not known to be the registry's own word is `network`. */
export function classify(answer: string): PullFailure {
  const text = answer.toLowerCase();
  if (/toomanyrequests|too many requests|\b429\b|rate limit/.test(text)) return "rate-limit";
  if (/no such host|connection refused|timeout|timed out|i\/o|unreachable|x509|tls:|eof/.test(text)) return "network";
  if (/repository does not exist/.test(text)) return "not-found";
  if (/denied|unauthorized|authentication required|no basic auth|\b40[13]\b/.test(text)) return "auth";
  if (/manifest unknown|not found|does not exist|name unknown|\b404\b/.test(text)) return "not-found";
  return "network";
}

export interface PullOptions {
  /** Longest silence before the first word about the image. Default 15 s. */
  firstAnswer?: Duration;
  /** Longest silence later on. Default 60 s. */
  stall?: Duration;
  onProgress?: (text: string) => void;
  /** Of the node's disk, which the image must have. Default: it is not asked. */
  room?: DiskRoom;
  signal?: AbortSignal;
  /** Default: those of the environment. */
  logins?: RegistryLogins;
}

/**
 * Pulls an image through the engine, which asks its mirrors first where the image is Docker Hub's.
 *
 * @throws PullError with the kind of failure, in seconds also where the network swallows everything.
 * @throws InfraError where the node's disk has no room for it, before what does not fit is there
 */
export async function pullImage(swarm: Swarm, image: string, options: PullOptions = {}): Promise<void> {
  const reference = parseReference(image);
  const name = familiar(withDefaultTag(reference));
  const login = (options.logins ?? registryLogins())(reference.registry);
  const silence = new Silence(options.firstAnswer ?? "15 s");
  const signal = options.signal ? AbortSignal.any([silence.signal, options.signal]) : silence.signal;
  try {
    const stream = await swarm.docker.createImage(login, { fromImage: name, abortSignal: signal });
    const layers = new Map<string, number>();
    await followProgress(stream, signal, {
      line: (line) => {
        silence.broken(options.stall ?? "60 s");
        options.onProgress?.(line);
      },
      layer: (id, bytes) => {
        layers.set(id, bytes);
        options.room?.download(
          image,
          [...layers.values()].reduce((sum, one) => sum + one, 0),
        );
      },
    });
  } catch (error) {
    if (error instanceof InfraError) throw error;
    if (options.signal?.aborted) throw options.signal.reason;
    const answer = silence.signal.aborted ? `timeout: nothing heard for ${silence.limit}` : engineMessage(error);
    throw new PullError(image, answer, { cause: error });
  } finally {
    silence.end();
  }
}

/** Aborts when nothing is heard for a while. */
class Silence {
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #limit: Duration = "0 s";

  constructor(first: Duration) {
    this.broken(first);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get limit(): string {
    return humanize(milliseconds(this.#limit));
  }

  /** Something was heard: wait anew, for `next`. */
  broken(next: Duration): void {
    clearTimeout(this.#timer);
    this.#limit = next;
    this.#timer = setTimeout(() => this.#controller.abort(), milliseconds(next));
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
