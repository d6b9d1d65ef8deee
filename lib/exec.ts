import { spawn } from "node:child_process";
import { lastOutput } from "./plain-text.ts";

export interface ExecOptions {
  cwd?: string;
  /** Whole environment of the child. Default: this process's. */
  env?: NodeJS.ProcessEnv;
  /** Written to standard input, then closed. Secrets go here, never into the arguments. */
  input?: string | Buffer;
  signal?: AbortSignal;
  /** Milliseconds after which the child is killed. Default: none. */
  timeout?: number;
  /** How it is killed then, or when `signal` is aborted. Default `SIGTERM`, which a program may ignore. */
  killSignal?: "SIGTERM" | "SIGKILL";
  /** Bytes kept of each output stream; the child is killed past it. Default 16 MiB. */
  maxBytes?: number;
  /** Called with each piece of either stream as it comes. */
  onOutput?: (text: string) => void;
}

export interface ExecResult {
  code: number;
  stdout: string;
  stderr: string;
  /** Why this process ended it: its time was up, or it wrote more than `maxBytes`. */
  killed?: "time" | "output";
}

/** A program ended with a code other than 0, or could not run at all. The message carries its last output lines. */
export class ExecError extends Error {
  override readonly name = "ExecError";
  readonly result: ExecResult;

  constructor(argv: readonly string[], result: ExecResult, why = `exit code ${result.code}`) {
    const tail = lastOutput(result).join("\n");
    super(`${argv.slice(0, 3).join(" ")}: ${why}${tail ? `\n${tail}` : ""}`);
    this.result = result;
  }
}

/** Runs a program from an argument list (never a shell) and gives its output, whatever its exit code. */
export function run(argv: readonly [string, ...string[]], options: ExecOptions = {}): Promise<ExecResult> {
  const [command, ...args] = argv;
  const maxBytes = options.maxBytes ?? 16 << 20;
  return new Promise((resolve, reject) => {
    let killed: ExecResult["killed"];
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env,
      signal: options.signal,
      killSignal: options.killSignal,
      stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    // Node's own `timeout` goes on, and the process with it, where there is no such program.
    const timer = options.timeout && setTimeout(() => child.kill(options.killSignal), options.timeout);
    const collect = (stream: NodeJS.ReadableStream | null) => {
      const pieces: Buffer[] = [];
      let size = 0;
      stream?.on("data", (piece: Buffer) => {
        size += piece.length;
        if (size > maxBytes) {
          killed = "output";
          child.kill("SIGKILL");
        } else pieces.push(piece);
        options.onOutput?.(piece.toString());
      });
      return () => Buffer.concat(pieces).toString();
    };
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(
        options.signal?.aborted
          ? options.signal.reason
          : new ExecError(argv, { code: 127, stdout: "", stderr: "" }, error.message),
      );
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      // Nothing else here ends a child by its own `kill`: an abort of the signal rejects.
      if (child.killed) killed ??= "time";
      resolve({ code: code ?? 128, stdout: stdout(), stderr: stderr() || (signal ?? ""), ...(killed && { killed }) });
    });
    // A child that closes its input early makes the write fail with EPIPE; its exit code tells the story.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(options.input);
  });
}

/** Like {@link run}, but throws {@link ExecError} unless the exit code is 0; gives standard output. */
export async function exec(argv: readonly [string, ...string[]], options: ExecOptions = {}): Promise<string> {
  const result = await run(argv, options);
  if (result.code !== 0) throw new ExecError(argv, result);
  return result.stdout;
}
