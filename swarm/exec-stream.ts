import { Duplex, PassThrough } from "node:stream";
import { InfraError } from "../lib/errors.ts";
import { type Engine, engineMessage } from "./client.ts";

/**
 * Starts a command in a running container and gives its standard input and output as one stream; what it says on
 * standard error is passed over. Destroying the stream closes the command's input, and so ends what reads it.
 *
 * @throws InfraError when it can't be started
 */
export async function openIn(
  engine: Engine,
  containerId: string,
  argv: readonly [string, ...string[]],
  signal?: AbortSignal,
): Promise<Duplex> {
  try {
    const streams = { AttachStdin: true, AttachStdout: true, AttachStderr: true };
    const exec = await engine.docker
      .getContainer(containerId)
      .exec({ Cmd: [...argv], ...streams, abortSignal: signal });
    const raw = await exec.start({ hijack: true, stdin: true });
    const output = new PassThrough();
    engine.docker.modem.demuxStream(raw, output, new PassThrough().resume());
    raw.on("end", () => output.end());
    raw.on("error", (error) => output.destroy(error));
    const both = Duplex.from({ readable: output, writable: raw });
    both.on("close", () => raw.destroy());
    signal?.addEventListener("abort", () => both.destroy(), { once: true });
    return both;
  } catch (error) {
    signal?.throwIfAborted();
    throw new InfraError(`${argv[0]} in container ${containerId.slice(0, 12)}: ${engineMessage(error)}`, {
      cause: error,
    });
  }
}
