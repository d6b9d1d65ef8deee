import { until } from "../../lib/until.ts";
import { type Connection, dial } from "../../pulumi/command-provider/ssh.ts";

/** What a command on a server came to. */
export interface RemoteResult {
  code: number;
  output: string;
}

/** A server that goes down lets in for a moment more, and starts nothing. */
class NotStarted extends Error {}

/** Runs a command line on a server, waiting for the server to boot. Both of its streams in one text. */
export function remote(connection: Connection, command: string): Promise<RemoteResult> {
  return until(
    async () => {
      try {
        return { done: true, value: await once(connection, command) };
      } catch (error) {
        if (error instanceof NotStarted) return { done: false, reason: error.message };
        throw error;
      }
    },
    { what: `start of ${command}`, deadline: "60 s", every: "200 ms" },
  );
}

async function once(connection: Connection, command: string): Promise<RemoteResult> {
  const session = await dial({ dialErrorLimit: 60, perDialTimeout: 5, ...connection }, AbortSignal.timeout(60_000));
  try {
    return await new Promise((resolve, reject) => {
      session.client.exec(command, (error, channel) => {
        if (error) return reject(new NotStarted(error.message));
        let output = "";
        for (const stream of [channel, channel.stderr]) stream.on("data", (piece: Buffer) => (output += piece));
        channel.on("close", (code: number | null) => resolve({ code: code ?? 128, output }));
      });
    });
  } finally {
    session.close();
  }
}
