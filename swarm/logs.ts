import { type Duration, milliseconds } from "../lib/duration.ts";
import type { Engine, Swarm } from "./client.ts";
import { interleaved } from "./multiplexed.ts";

export interface LogOptions {
  /** Lines from the end. Default 20. */
  lines?: number;
  /** The engine can hang on logs of a lost node. Default 3 s. */
  timeout?: Duration;
  /** Takes secrets out before anyone sees the text. Default: nothing is taken out. */
  redact?: (text: string) => string;
  timestamps?: boolean;
}

/** The last lines a container wrote, both streams, without the newline at the end. */
export async function containerLogs(engine: Engine, containerId: string, options: LogOptions = {}): Promise<string> {
  return text(await engine.docker.getContainer(containerId).logs(query(options)), options);
}

/** The last lines all tasks of a service wrote, gathered by its manager from every node. */
export async function serviceLogs(swarm: Swarm, service: string, options: LogOptions = {}): Promise<string> {
  return text(await swarm.docker.getService(service).logs(query(options)), options);
}

function query(options: LogOptions) {
  return {
    stdout: true,
    stderr: true,
    follow: false as const,
    tail: options.lines ?? 20,
    timestamps: options.timestamps ?? false,
    abortSignal: AbortSignal.timeout(milliseconds(options.timeout ?? "3 s")),
  };
}

/** The client parses an answer that happens to be JSON, which log lines of a container with a terminal can be. */
function text(answer: unknown, options: LogOptions): string {
  const plain = (Buffer.isBuffer(answer) ? interleaved(answer) : JSON.stringify(answer)).trimEnd();
  return options.redact ? options.redact(plain) : plain;
}
