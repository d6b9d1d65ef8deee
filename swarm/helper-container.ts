import type Docker from "dockerode";
import type { Duration } from "../lib/duration.ts";
import { InfraError } from "../lib/errors.ts";
import { until } from "../lib/until.ts";
import { type Engine, engineMessage, found } from "./client.ts";
import { type ExecInOptions, type ExecInResult, execIn } from "./exec.ts";
import { containerLogs, type LogOptions } from "./logs.ts";
import { RUN_LABEL } from "./run-label.ts";

/** A container outside any service, for the tester's own work: a probe, a restic call, a look at a volume. */
export interface HelperSpec {
  /** Run it belongs to: becomes its label. */
  run: string;
  /** Must be on the node already; nothing is pulled. */
  image: string;
  /** Program and arguments. Default: what the image says. */
  entrypoint?: string[];
  cmd?: string[];
  /** Never secrets: the engine shows them to everybody. */
  env?: Record<string, string>;
  user?: string;
  labels?: Record<string, string>;
  mounts?: Docker.MountSettings[];
  /** Name or id of the one network it joins. Default `none`. */
  network?: string;
}

/** A started helper, as `withContainer` hands it to its function. */
export interface Helper {
  id: string;
  exec(argv: readonly [string, ...string[]], options?: ExecInOptions): Promise<ExecInResult>;
  logs(options?: LogOptions): Promise<string>;
  /** Waits for the container's program to end and gives its exit code. */
  wait(deadline: Duration, signal?: AbortSignal): Promise<number>;
}

/** Creates and starts a helper, gives it to `use`, and removes it with its anonymous volumes, come what may. */
export async function withContainer<T>(
  engine: Engine,
  spec: HelperSpec,
  use: (helper: Helper) => Promise<T>,
): Promise<T> {
  const container = await create(engine, spec);
  try {
    await container.start();
    return await use(helperOf(engine, container.id));
  } catch (error) {
    throw error instanceof Error && "statusCode" in error ? failure(spec, error) : error;
  } finally {
    await removed(engine, container.id);
  }
}

async function create({ docker }: Engine, spec: HelperSpec): Promise<Docker.Container> {
  try {
    return await docker.createContainer({
      Image: spec.image,
      Entrypoint: spec.entrypoint,
      Cmd: spec.cmd,
      Env: Object.entries(spec.env ?? {}).map(([key, value]) => `${key}=${value}`),
      User: spec.user,
      Labels: { ...spec.labels, [RUN_LABEL]: spec.run },
      HostConfig: { Init: true, Mounts: spec.mounts, NetworkMode: spec.network ?? "none" },
    });
  } catch (error) {
    throw failure(spec, error);
  }
}

function failure(spec: HelperSpec, error: unknown): InfraError {
  return new InfraError(`helper container from ${spec.image}: ${engineMessage(error)}`, { cause: error });
}

function helperOf(engine: Engine, id: string): Helper {
  return {
    id,
    exec: (argv, options) => execIn(engine, id, argv, options),
    logs: (options) => containerLogs(engine, id, options),
    wait: (deadline, signal) =>
      until(
        async () => {
          const { State } = await engine.docker.getContainer(id).inspect();
          const ended = State.Status === "exited" || State.Status === "dead";
          return ended ? { done: true, value: State.ExitCode } : { done: false, reason: `it is ${State.Status}` };
        },
        { what: `end of helper container ${id.slice(0, 12)}`, deadline, every: "50 ms", signal },
      ),
  };
}

async function removed({ docker }: Engine, id: string): Promise<void> {
  const container = docker.getContainer(id);
  await until(
    async () => {
      // 409 while another removal of the same container is under way: look again.
      await container.remove({ force: true, v: true }).catch(() => undefined);
      const left = await found(container.inspect());
      return left ? { done: false, reason: `it is ${left.State.Status}` } : { done: true, value: undefined };
    },
    { what: `removal of helper container ${id.slice(0, 12)}`, deadline: "20 s", every: "50 ms" },
  );
}
