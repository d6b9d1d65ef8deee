import { readdir, stat } from "node:fs/promises";
import { basename, join, posix } from "node:path";
import type { SFTPWrapper } from "ssh2";
import { type Connection, dial } from "./ssh.ts";

/** What is copied: text, or a local file or folder. */
export type CopySource = { text: string } | { path: string };

/**
 * Copies over SFTP, with the official provider's rules on names:
 *
 * | source | remote path is a folder | nothing there | a file there |
 * |---|---|---|---|
 * | `dir` | to `remote/dir` | to `remote/dir` | error |
 * | `dir/` | its content to `remote` | its content to `remote` | error |
 * | `file` | to `remote/file` | to `remote` | overwritten |
 * | text | error | to `remote` | overwritten |
 */
export async function copyToRemote(
  source: CopySource,
  remotePath: string,
  connection: Connection,
  signal: AbortSignal,
): Promise<void> {
  const session = await dial(connection, signal);
  const abort = () => session.client.destroy();
  signal.addEventListener("abort", abort, { once: true });
  try {
    const sftp = await new Promise<SFTPWrapper>((resolve, reject) =>
      session.client.sftp((error, opened) => (error ? reject(error) : resolve(opened))),
    );
    // A connection lost midway answers no request: this is what ends the copy then.
    const lost = new Promise<never>((_, reject) =>
      session.client.on("close", () => reject(new Error("the connection was lost during the copy"))),
    );
    await Promise.race([copy(new Remote(sftp), source, remotePath), lost]);
  } finally {
    signal.removeEventListener("abort", abort);
    session.close();
  }
  signal.throwIfAborted();
}

async function copy(remote: Remote, source: CopySource, remotePath: string): Promise<void> {
  const kind = await remote.kind(remotePath);
  if ("text" in source) {
    if (kind === "folder") throw new Error(`remote path ${remotePath} is a folder; a text needs a file's path`);
    await remote.write(source.text, remotePath);
    return;
  }
  if (!(await stat(source.path)).isDirectory()) {
    await remote.send(source.path, kind === "folder" ? posix.join(remotePath, basename(source.path)) : remotePath);
    return;
  }
  await remote.makeFolder(remotePath);
  const target = source.path.endsWith("/") ? remotePath : posix.join(remotePath, basename(source.path));
  await copyFolder(remote, source.path, target);
}

async function copyFolder(remote: Remote, folder: string, target: string): Promise<void> {
  await remote.makeFolder(target);
  for (const name of (await readdir(folder)).sort()) {
    const path = join(folder, name);
    // Links are followed, as in the official provider.
    if ((await stat(path)).isDirectory()) await copyFolder(remote, path, posix.join(target, name));
    else await remote.send(path, posix.join(target, name));
  }
}

/** The few SFTP operations that a copy needs, as promises whose errors name the remote path. */
class Remote {
  readonly #sftp: SFTPWrapper;

  constructor(sftp: SFTPWrapper) {
    this.#sftp = sftp;
  }

  /** What lies at the path; undefined when nothing does. Status 2 is SSH_FX_NO_SUCH_FILE. */
  kind(path: string): Promise<"folder" | "file" | undefined> {
    return new Promise((resolve, reject) =>
      this.#sftp.stat(path, (error, stats) => {
        if (!error) resolve(stats.isDirectory() ? "folder" : "file");
        else if ((error as Error & { code?: number }).code === 2) resolve(undefined);
        else reject(new Error(`remote path ${path}: ${error.message}`));
      }),
    );
  }

  async makeFolder(path: string): Promise<void> {
    const kind = await this.kind(path);
    if (kind === "file") throw new Error(`remote path ${path} exists but is not a folder`);
    if (kind === undefined) await this.#ask(path, (done) => this.#sftp.mkdir(path, done));
  }

  send(file: string, path: string): Promise<void> {
    return this.#ask(path, (done) => this.#sftp.fastPut(file, path, done));
  }

  write(text: string, path: string): Promise<void> {
    return this.#ask(path, (done) => this.#sftp.writeFile(path, text, done));
  }

  #ask(path: string, request: (done: (error?: Error | null) => void) => void): Promise<void> {
    return new Promise((resolve, reject) =>
      request((error) => (error ? reject(new Error(`remote path ${path}: ${error.message}`)) : resolve())),
    );
  }
}
