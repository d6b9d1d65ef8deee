import { type Connection, dial } from "../../pulumi/command-provider/ssh.ts";

/** What a command on a server came to. */
export interface RemoteResult {
  code: number;
  output: string;
}

/** Runs a command line on a server, waiting for the server to boot. Both of its streams in one text. */
export async function remote(connection: Connection, command: string): Promise<RemoteResult> {
  const session = await dial({ dialErrorLimit: 60, perDialTimeout: 5, ...connection }, AbortSignal.timeout(60_000));
  try {
    return await new Promise((resolve, reject) => {
      session.client.exec(command, (error, channel) => {
        if (error) return reject(error);
        let output = "";
        for (const stream of [channel, channel.stderr]) stream.on("data", (piece: Buffer) => (output += piece));
        channel.on("close", (code: number | null) => resolve({ code: code ?? 128, output }));
      });
    });
  } finally {
    session.close();
  }
}
