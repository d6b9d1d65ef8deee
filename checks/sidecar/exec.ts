import { InfraError } from "../../lib/errors.ts";
import { asInfra, found, statusOf } from "../../swarm/client.ts";
import { type ExecInResult, execIn, type Placed } from "../../swarm/exec.ts";
import type { CheckContext } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import { refusedCode, type ServiceExecOptions } from "../exec.ts";

export interface Sidecar {
  /**
   * Runs a program in it. Exit codes 126 and 127 say that the image has no such program, unless they are accepted.
   * @throws CheckFailure for an exit code that is not accepted
   */
  exec(argv: readonly [string, ...string[]], options?: ServiceExecOptions): Promise<ExecInResult>;
}

/** Runs a program as {@link Sidecar.exec} does, in the container of the sidecar of that name. */
export async function execInSidecar(
  { signal }: CheckContext,
  name: string,
  container: Placed,
  argv: readonly [string, ...string[]],
  options: ServiceExecOptions = {},
): Promise<ExecInResult> {
  const { input, timeout, keepsEnd } = options;
  const what = `${argv[0]} in sidecar ${name}`;
  const running = execIn(container.engine, container.id, argv, { input, timeout, keepsEnd, signal });
  const result = await running.catch((error) => owned(container, what, error));
  const refused = refusedCode(result, options);
  if (refused === undefined) return result;
  const owner = result.code === 126 || result.code === 127 ? "author" : "recipe";
  throw new CheckFailure(`${what}: ${refused}`, { owner });
}

// A program that waits in vain waits for the app; but a container that has ended under it is no doing of the app's.
async function owned({ engine, id }: Placed, what: string, error: unknown): Promise<never> {
  if (!(error instanceof InfraError) || (statusOf(error.cause) ?? 0) >= 500) throw error;
  const container = await asInfra(engine, found(engine.docker.getContainer(id).inspect()));
  if (container?.State.Running) throw new CheckFailure(error.message);
  throw new InfraError(`${what}: its container has ended`, { cause: error });
}
