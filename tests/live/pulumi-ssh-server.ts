import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { mkdir, mkdtemp, open, rm, stat, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ssh2 from "ssh2";
import { until } from "../../lib/until.ts";

const SSHD = process.env.RECIPE_CI_TEST_SSHD ?? "/usr/sbin/sshd";

/** An ssh server on loopback for root, with keys of its own: OpenSSH's where it is installed, else one by ssh2. */
export interface SshServer extends AsyncDisposable {
  port: number;
  /** Whether it is OpenSSH. */
  real: boolean;
  /** The client's private key, PEM. */
  clientKey: string;
  /** The server's public key line. */
  hostKey: string;
}

export interface SshServerOptions {
  /** Default: one of the system's choice. */
  port?: number;
  /** Default: a new one. */
  client?: Key;
  /** Programs are started in the environment that the client asks for, its PATH too, which OpenSSH never does. Default: false. */
  anyPath?: boolean;
}

/** Starts it: OpenSSH where it is installed and can do what is asked, else one in this process. */
export async function startSshServer(options: SshServerOptions = {}): Promise<SshServer> {
  const { client = newKey() } = options;
  const host = newKey();
  const listen = options.port ?? (await freePort());
  const real = existsSync(SSHD) && !options.anyPath;
  const stop = real ? await startOpenSsh(listen, client, host) : await startSsh2(listen, client, host);
  return { port: listen, real, clientKey: client.private, hostKey: host.public, [Symbol.asyncDispose]: stop };
}

export interface Key {
  private: string;
  public: string;
}

/** RSA in PEM: every ssh implementation here reads it. */
export function newKey(): Key {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = privateKey.export({ type: "pkcs1", format: "pem" }).toString();
  const parsed = ssh2.utils.parseKey(pem);
  if (parsed instanceof Error) throw parsed;
  return { private: pem, public: `ssh-rsa ${parsed.getPublicSSH().toString("base64")}` };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || !address) throw new Error("no port");
  return address.port;
}

async function startOpenSsh(port: number, client: Key, host: Key): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "recipe-ci-sshd-"));
  const file = (name: string, content: string) => {
    writeFileSync(join(folder, name), content, { mode: 0o600 });
    return join(folder, name);
  };
  await mkdir("/run/sshd", { recursive: true });
  const config = file(
    "config",
    [
      `Port ${port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${file("host", host.private)}`,
      `AuthorizedKeysFile ${file("authorized", `${client.public}\n`)}`,
      "PermitRootLogin yes",
      "StrictModes no",
      "UsePAM no",
      "PidFile none",
      "AcceptEnv *",
      "Subsystem sftp internal-sftp",
    ].join("\n"),
  );
  const sshd: ChildProcess = spawn(SSHD, ["-D", "-e", "-f", config], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  sshd.stderr?.on("data", (piece) => (said += piece));
  await until(
    async () => {
      const socket = connect(port, "127.0.0.1");
      const opened = await once(socket, "connect").then(
        () => true,
        () => false,
      );
      socket.destroy();
      return opened ? { done: true, value: undefined } : { done: false, reason: said };
    },
    { what: "sshd", deadline: "10 s" },
  );
  return async () => {
    const closed = once(sshd, "close");
    sshd.kill();
    await closed;
    await rm(folder, { recursive: true, force: true });
  };
}

async function startSsh2(port: number, client: Key, host: Key): Promise<() => Promise<void>> {
  const allowed = Buffer.from(client.public.split(" ")[1] ?? "", "base64");
  const connections = new Set<ssh2.Connection>();
  const server = new ssh2.Server({ hostKeys: [host.private] }, (connection) => {
    connections.add(connection);
    connection.on("error", () => undefined);
    connection.on("close", () => connections.delete(connection));
    connection.on("authentication", (context) => {
      const right = context.method === "publickey" && context.key.data.equals(allowed);
      if (right) context.accept();
      else context.reject(["publickey"]);
    });
    connection.on("session", (accept) => {
      const environment: Record<string, string> = {};
      const session = accept();
      session.on("env", (done, _reject, { key, val }) => {
        environment[key] = val;
        done?.();
      });
      session.on("exec", (open, _reject, { command }) => execute(open(), command, environment));
      session.on("sftp", (open) => serveFiles(open()));
    });
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return async () => {
    for (const connection of connections) connection.end();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
}

function execute(channel: ssh2.ServerChannel, command: string, environment: Record<string, string>): void {
  const child = spawn("/bin/sh", ["-c", command], { env: { ...process.env, ...environment } });
  channel.pipe(child.stdin).on("error", () => undefined);
  child.stdout.on("data", (piece) => channel.write(piece));
  child.stderr.on("data", (piece) => channel.stderr.write(piece));
  channel.on("close", () => child.kill());
  child.on("close", (code, signal) => {
    if (signal) channel.exit(signal.replace("SIG", ""));
    else channel.exit(code ?? 1);
    channel.end();
  });
}

/** As much of an SFTP server as a copy needs. */
function serveFiles(sftp: ssh2.SFTPWrapper): void {
  const { OK, FAILURE, NO_SUCH_FILE } = ssh2.utils.sftp.STATUS_CODE;
  const handles: Awaited<ReturnType<typeof open>>[] = [];
  const answer = (id: number, work: Promise<unknown>) =>
    void work.then(
      () => sftp.status(id, OK),
      (error: NodeJS.ErrnoException) =>
        sftp.status(id, error.code === "ENOENT" ? NO_SUCH_FILE : FAILURE, error.message),
    );
  const describe = (id: number, path: string) =>
    void stat(path).then(
      ({ mode, uid, gid, size, atimeMs, mtimeMs }) =>
        sftp.attrs(id, { mode, uid, gid, size, atime: atimeMs / 1000, mtime: mtimeMs / 1000 }),
      () => sftp.status(id, NO_SUCH_FILE),
    );
  sftp.on("STAT", describe);
  sftp.on("LSTAT", describe);
  sftp.on("MKDIR", (id, path) => answer(id, mkdir(path)));
  sftp.on(
    "OPEN",
    (id, path) =>
      void open(path, "w").then(
        (handle) => sftp.handle(id, Buffer.from([handles.push(handle) - 1])),
        (error: Error) => sftp.status(id, FAILURE, error.message),
      ),
  );
  sftp.on("WRITE", (id, handle, offset, data) =>
    answer(id, handles[handle[0] ?? 0]?.write(data, 0, data.length, offset) ?? Promise.reject(new Error("no handle"))),
  );
  sftp.on("FSETSTAT", (id) => answer(id, Promise.resolve()));
  sftp.on("CLOSE", (id, handle) => answer(id, handles[handle[0] ?? 0]?.close() ?? Promise.resolve()));
}

/** Makes a small tree of files to copy. */
export async function writeTree(folder: string): Promise<void> {
  await mkdir(join(folder, "inner"), { recursive: true });
  await writeFile(join(folder, "a.txt"), "alpha");
  await writeFile(join(folder, "inner", "b.bin"), Buffer.alloc(300_000, 7));
}
