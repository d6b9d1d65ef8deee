import { setTimeout as delay } from "node:timers/promises";
import ssh2 from "ssh2";

/** How to reach a machine by ssh: the `connection` input, with the official provider's names and defaults. */
export interface Connection {
  host: string;
  /** Default 22. */
  port?: number;
  /** Default root. */
  user?: string;
  password?: string;
  privateKey?: string;
  privateKeyPassword?: string;
  /** Default `SSH_AUTH_SOCK`. */
  agentSocketPath?: string;
  /** A public key line (`ssh-ed25519 AAAA...`, a host name before it is allowed). Without it any host is trusted. */
  hostKey?: string;
  /** Failed dials that are borne before giving up; -1 bears any number. Default 10. */
  dialErrorLimit?: number;
  /** Seconds one dial may take, authentication included; 0 for any time. Default 15. */
  perDialTimeout?: number;
  /** Another ssh server to go through. */
  proxy?: Connection;
}

/** Milliseconds between two dials: at first, and at most. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5000;

/** A dial that no repetition can mend. */
class FatalDialError extends Error {}

/** An open connection, and the one through which it goes. */
export interface SshSession {
  client: ssh2.Client;
  close(): void;
}

/** Connects, trying again while the machine boots. */
export async function dial(connection: Connection, signal: AbortSignal): Promise<SshSession> {
  const limit = connection.dialErrorLimit ?? 10;
  for (let errors = 1, pause = FIRST_PAUSE_MS; ; errors++, pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
    signal.throwIfAborted();
    try {
      return await dialOnce(connection, signal);
    } catch (error) {
      signal.throwIfAborted();
      const where = `${connection.host}:${connection.port ?? 22}`;
      if (error instanceof FatalDialError) throw new Error(`ssh to ${where}: ${error.message}`);
      if (limit >= 0 && errors > limit)
        throw new Error(`ssh to ${where} failed ${errors} times, lastly: ${(error as Error).message}`);
      await delay(pause, undefined, { signal });
    }
  }
}

async function dialOnce(connection: Connection, signal: AbortSignal): Promise<SshSession> {
  if (!connection.proxy) return open(connection, signal);
  const proxy = await open(connection.proxy, signal);
  try {
    const sock = await new Promise<ssh2.ClientChannel>((resolve, reject) =>
      proxy.client.forwardOut("127.0.0.1", 0, connection.host, connection.port ?? 22, (error, channel) =>
        error ? reject(error) : resolve(channel),
      ),
    );
    const session = await open(connection, signal, sock);
    return {
      client: session.client,
      close: () => {
        session.close();
        proxy.close();
      },
    };
  } catch (error) {
    proxy.close();
    throw error;
  }
}

function open(connection: Connection, signal: AbortSignal, sock?: ssh2.ClientChannel): Promise<SshSession> {
  const expected = connection.hostKey === undefined ? undefined : parseHostKey(connection.hostKey);
  const config: ssh2.ConnectConfig = {
    host: connection.host,
    port: connection.port ?? 22,
    username: connection.user ?? "root",
    password: connection.password,
    privateKey: readableKey(connection),
    passphrase: connection.privateKeyPassword,
    agent: connection.agentSocketPath ?? process.env.SSH_AUTH_SOCK,
    tryKeyboard: connection.password !== undefined,
    readyTimeout: (connection.perDialTimeout ?? 15) * 1000,
    keepaliveInterval: 15_000,
    ...(sock && { sock }),
    // A server has keys of several types: only with the expected type asked for does it show the expected key.
    ...(expected && { algorithms: { serverHostKey: expected.algorithms } }),
  };
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    let refused = false;
    if (expected)
      config.hostVerifier = (key: Buffer) => {
        refused = !key.equals(expected.blob);
        return !refused;
      };
    const abort = () => client.destroy();
    signal.addEventListener("abort", abort, { once: true });
    client.on("ready", () => {
      signal.removeEventListener("abort", abort);
      resolve({ client, close: () => client.end() });
    });
    client.on("keyboard-interactive", (_name, _instructions, _language, prompts, finish) =>
      finish(prompts.map(() => connection.password ?? "")),
    );
    client.on("error", (error) => {
      // A server without a key of the expected type ends the key exchange before it shows one.
      const mismatch = refused || (expected !== undefined && /no matching host key/i.test(error.message));
      reject(mismatch ? new FatalDialError("the host key is not the expected one") : error);
    });
    client.on("close", () => reject(new Error("the connection was closed")));
    client.connect(config);
  });
}

function readableKey({ privateKey, privateKeyPassword }: Connection): string | undefined {
  if (privateKey === undefined) return undefined;
  const parsed = ssh2.utils.parseKey(privateKey, privateKeyPassword);
  if (parsed instanceof Error) throw new FatalDialError(`the private key can't be used: ${parsed.message}`);
  return privateKey;
}

function parseHostKey(line: string): { algorithms: ssh2.ServerHostKeyAlgorithm[]; blob: Buffer } {
  const match = /(?:^|\s)((?:ssh|ecdsa)-[\w-]+)\s+([A-Za-z0-9+/]+=*)/.exec(line);
  if (!match?.[1] || !match[2]) throw new FatalDialError("hostKey is not a public key line");
  const rsa = ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"];
  const algorithms = (match[1] === "ssh-rsa" ? rsa : [match[1]]) as ssh2.ServerHostKeyAlgorithm[];
  return { algorithms, blob: Buffer.from(match[2], "base64") };
}
