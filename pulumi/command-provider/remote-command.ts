import type { CommandOutput } from "./output.ts";
import { type Connection, dial, type SshSession } from "./ssh.ts";

export interface RemoteCommand {
  command: string;
  connection: Connection;
  stdin?: string;
  /** Reaches the command only as far as the server's `AcceptEnv` lets it. */
  environment: Record<string, string>;
}

/** Runs a command on another machine by ssh; throws `exit status N` and the like on failure. */
export async function runRemote(command: RemoteCommand, output: CommandOutput, signal: AbortSignal): Promise<void> {
  const session = await dial(command.connection, signal);
  try {
    const onAbort = () => session.client.destroy();
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      const status = await execute(session, command, output);
      signal.throwIfAborted();
      if (status !== undefined) throw new Error(status);
    } finally {
      signal.removeEventListener("abort", onAbort);
      output.end();
    }
  } finally {
    session.close();
  }
}

/** How the command failed, or undefined. */
function execute(
  session: SshSession,
  { command, stdin, environment }: RemoteCommand,
  output: CommandOutput,
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    let status: string | undefined = "the connection was lost before the command ended";
    session.client.on("close", () => resolve(status));
    session.client.exec(command, { env: environment }, (error, channel) => {
      if (error) {
        reject(error);
        return;
      }
      // Listened to at once: the exit of a short command comes in the same packet as the start of its channel.
      channel.on("exit", (code: number | null, signal?: string) => {
        status = code === 0 ? undefined : code === null ? `signal ${signal}` : `exit status ${code}`;
      });
      channel.on("data", (piece: Buffer) => output.add("stdout", piece));
      channel.stderr.on("data", (piece: Buffer) => output.add("stderr", piece));
      channel.on("error", reject);
      channel.on("close", () => resolve(status));
      channel.end(stdin ?? "");
    });
  });
}
