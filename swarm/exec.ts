import type { Duplex } from "node:stream";
import { type Duration, humanize, milliseconds } from "../lib/duration.ts";
import { InfraError } from "../lib/errors.ts";
import { ENGINE_LABEL } from "../lib/swarm/node-labels.ts";
import { type Engine, engineMessage, type Swarm } from "./client.ts";
import { engineOf } from "./engines.ts";
import { Demultiplexer } from "./multiplexed.ts";
import { listTasks, newestFirst } from "./task.ts";

export interface ExecInOptions {
  /** Written to the command's standard input, then closed. Secrets go here, never into the arguments. */
  input?: string | Buffer;
  /** Default: the container's own user. */
  user?: string;
  env?: Record<string, string>;
  workingDir?: string;
  /** Default 30 s. The engine cannot end a command: past the deadline it is left running and an error thrown. */
  timeout?: Duration;
  /** Bytes of output, both streams together, past which an error is thrown. Default 4 MiB. */
  maxBytes?: number;
  /** Of more output than that the end is kept. Default: it is an error. */
  keepsEnd?: boolean;
  signal?: AbortSignal;
}

export interface ExecInResult {
  /** Exit code; 126 or 127 when the container has no such program. */
  code: number;
  stdout: string;
  stderr: string;
}

/**
 * Runs a command inside a running container, whatever its exit code.
 *
 * @throws InfraError when the container is not running, the deadline passes or there is too much output.
 */
export async function execIn(
  engine: Engine,
  containerId: string,
  argv: readonly [string, ...string[]],
  options: ExecInOptions = {},
): Promise<ExecInResult> {
  const what = `${argv[0]} in container ${containerId.slice(0, 12)}`;
  const timeout = milliseconds(options.timeout ?? "30 s");
  const signal = AbortSignal.any([AbortSignal.timeout(timeout), ...(options.signal ? [options.signal] : [])]);
  try {
    const exec = await engine.docker.getContainer(containerId).exec({
      Cmd: [...argv],
      AttachStdin: options.input !== undefined,
      AttachStdout: true,
      AttachStderr: true,
      User: options.user,
      WorkingDir: options.workingDir,
      Env: Object.entries(options.env ?? {}).map(([key, value]) => `${key}=${value}`),
      abortSignal: signal,
    });
    const stream = await exec.start({ hijack: true, stdin: options.input !== undefined });
    const output = await collect(stream, options, signal);
    const { ExitCode } = await exec.inspect({ abortSignal: signal });
    return { code: ExitCode ?? -1, stdout: output.stdout, stderr: output.stderr };
  } catch (error) {
    if (options.signal?.aborted) throw options.signal.reason;
    const why = signal.aborted ? `not finished within ${humanize(timeout)}` : engineMessage(error);
    throw new InfraError(`${what}: ${why}`, { cause: error });
  }
}

/** Writes the input, reads both outputs until the command closes them. */
function collect(
  stream: Duplex,
  { input, maxBytes = 4 << 20, keepsEnd = false }: ExecInOptions,
  signal: AbortSignal,
): Promise<Demultiplexer> {
  const output = new Demultiplexer(maxBytes);
  let size = 0;
  return new Promise((resolve, reject) => {
    const abort = () => stream.destroy(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    stream.on("data", (piece: Buffer) => {
      size += piece.length;
      if (size > maxBytes && !keepsEnd) stream.destroy(new Error(`more than ${maxBytes} bytes of output`));
      else output.push(piece);
    });
    stream.on("end", () => resolve(output));
    stream.on("error", reject);
    stream.on("close", () => {
      signal.removeEventListener("abort", abort);
      resolve(output);
    });
    if (input !== undefined) stream.end(input);
  });
}

/** A service that was made is there no more: somebody took it away, and none of its containers will come. */
export class ServiceGone extends InfraError {}

/** A container, and the engine of the node that it lives on. */
export interface Placed {
  id: string;
  engine: Engine;
}

/**
 * Container of the newest running task of a service, on whichever node that runs.
 *
 * @throws ServiceGone where there is no such service; InfraError when no task of it runs.
 */
export async function containerOf(swarm: Swarm, serviceName: string): Promise<Placed> {
  const service = (await swarm.docker.listServices({ filters: { name: [serviceName] } })).find(
    (candidate) => candidate.Spec?.Name === serviceName,
  );
  if (!service) throw new ServiceGone(`there is no service ${serviceName}`);
  const tasks = await listTasks(swarm, [service.ID]);
  const running = tasks.filter(({ Status, DesiredState }) => Status.State === "running" && DesiredState === "running");
  const newest = newestFirst(running).find((task) => task.Status.ContainerStatus?.ContainerID);
  const id = newest?.Status.ContainerStatus?.ContainerID;
  if (!id) throw new InfraError(`service ${serviceName} has no running container`);
  const engine = await engineOf(swarm, newest.NodeID);
  if (!engine)
    throw new InfraError(`service ${serviceName} runs on node ${newest.NodeID}, whose engine can't be reached`, {
      remedy: `label the node: docker node update --label-add ${ENGINE_LABEL}=unix:///… ${newest.NodeID}`,
    });
  return { id, engine };
}
