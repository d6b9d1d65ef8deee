import { createServer, type Server } from "node:net";
import type { Duration } from "../lib/duration.ts";
import { InfraError } from "../lib/errors.ts";
import { shortHash } from "../lib/names.ts";
import { DeadlineError, until } from "../lib/until.ts";

export interface LockOptions {
  /** How long to wait for whoever holds it. Default `"2 min"`. */
  deadline?: Duration;
  signal?: AbortSignal;
}

/**
 * Runs `work` while no other process on this host runs work under the same name (usually a path).
 * The lock is a socket in Linux's abstract namespace (unix(7)): the kernel frees it with its owner,
 * so a killed process leaves nothing to clean up.
 *
 * @throws InfraError when another process holds it past the deadline.
 */
export async function withLock<T>(name: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  const address = `\0recipe-ci-${shortHash([name], 32)}`;
  const deadline = options.deadline ?? "2 min";
  const holder = await until(
    async () => {
      const server = await tryListen(address);
      return server ? { done: true, value: server } : { done: false, reason: "another process holds it" };
    },
    { what: `lock on ${name}`, deadline, every: "50 ms", signal: options.signal },
  ).catch((error: unknown) => {
    if (!(error instanceof DeadlineError)) throw error;
    throw new InfraError(`${name} is in use by another recipe-ci process`, {
      remedy: "wait for it to end, or stop it, and try again",
      cause: error,
    });
  });
  try {
    return await work();
  } finally {
    await new Promise<void>((resolve) => holder.close(() => resolve()));
  }
}

function tryListen(address: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((connection) => connection.destroy());
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(undefined) : reject(error),
    );
    server.listen(address, () => resolve(server));
  });
}
