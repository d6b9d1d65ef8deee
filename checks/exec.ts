import type { Duration } from "../lib/duration.ts";
import { InfraError } from "../lib/errors.ts";
import { lastOutput } from "../lib/plain-text.ts";
import { type Engine, ping, statusOf } from "../swarm/client.ts";
import { type ExecInResult, execIn } from "../swarm/exec.ts";
import type { CheckContext } from "./check.ts";
import { CheckFailure } from "./check-failure.ts";
import { runningContainer } from "./container.ts";
import { namedService } from "./named-service.ts";

export interface ServiceExecOptions {
  input?: string;
  /** Exit codes that are no failure; `any` where the caller judges them. Default `[0]`. */
  accept?: number[] | "any";
  /** Default `30 s`. */
  timeout?: Duration;
  /** Of much output the end is kept. Default: more than 4 MiB is an error. */
  keepsEnd?: boolean;
}

/** Runs a program in the running container of a service of the app. */
export async function execInService(
  context: CheckContext,
  key: string,
  argv: readonly [string, ...string[]],
  options: ServiceExecOptions = {},
): Promise<ExecInResult> {
  const service = namedService(context.app, key);
  const container = await runningContainer(context.swarm, service.name, "recipe", context.signal);
  const { input, timeout, keepsEnd } = options;
  const result = await execIn(container.engine, container.id, argv, { input, timeout, keepsEnd }).catch((error) =>
    owned(container.engine, error),
  );
  const refused = refusedCode(result, options);
  if (refused !== undefined) throw new CheckFailure(`${argv[0]} in ${service.name}: ${refused}`);
  return result;
}

/**
 * The same of what only explains, and is no check of its own: undefined where no answer comes, as the program hangs or
 * its container has ended.
 */
export async function askInService(
  context: CheckContext,
  key: string,
  argv: readonly [string, ...string[]],
): Promise<ExecInResult | undefined> {
  try {
    return await execInService(context, key, argv, { accept: "any" });
  } catch (error) {
    if (!(error instanceof CheckFailure)) throw error;
    context.signal.throwIfAborted();
    return undefined;
  }
}

/** An exit code that is not accepted, with the end of what was said; undefined for one that is. */
export function refusedCode(
  result: ExecInResult,
  { accept = [0] }: Pick<ServiceExecOptions, "accept">,
): string | undefined {
  const { code } = result;
  if (accept === "any" || accept.includes(code)) return undefined;
  const output = lastOutput(result).join("\n");
  return `exit code ${code}${output ? `\n${output}` : ""}`;
}

// A command that hangs in the app's own container, or a container that ends under it (404, 409), is the recipe's doing;
// an engine that answers no more, or is out of order, is not.
async function owned(engine: Engine, error: unknown): Promise<never> {
  if (!(error instanceof InfraError) || (statusOf(error.cause) ?? 0) >= 500) throw error;
  await ping(engine);
  throw new CheckFailure(error.message);
}
