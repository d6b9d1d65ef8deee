import type { ClientChannel } from "ssh2";
import type { CommandOutput } from "./output.ts";
import { type Connection, dial } from "./ssh.ts";

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
    const channel = await new Promise<ClientChannel>((resolve, reject) =>
      session.client.exec(command.command, { env: command.environment }, (error, opened) =>
        error ? reject(error) : resolve(opened),
      ),
    );
    const onAbort = () => {
      channel.signal("TERM");
      session.client.destroy();
    };
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      const status = await ended(channel, command.stdin, output);
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
function ended(channel: ClientChannel, stdin: string | undefined, output: CommandOutput): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    let status: string | undefined = "the connection was lost before the command ended";
    channel.on("data", (piece: Buffer) => output.add("stdout", piece));
    channel.stderr.on("data", (piece: Buffer) => output.add("stderr", piece));
    channel.on("exit", (code: number | null, signal?: string) => {
      status = code === 0 ? undefined : code === null ? `signal ${signal}` : `exit status ${code}`;
    });
    channel.on("error", reject);
    channel.on("close", () => resolve(status));
    channel.end(stdin ?? "");
  });
}
