import { spawn } from "node:child_process";
import { Agent } from "node:http";
import { Duplex } from "node:stream";
import { lastLine } from "../lib/plain-text.ts";
import { sshArguments } from "../lib/ssh-arguments.ts";

/** Connections to one engine at a time: an sshd refuses many that begin at once (MaxStartups, 10). */
const MOST = 8;

/**
 * Connections to an engine as Docker's own CLI makes them: OpenSSH's client, which knows keys and checks the host's,
 * runs `docker system dial-stdio` there (docker/cli, cli/connhelper). They are kept for the next request.
 */
export class SshAgent extends Agent {
  readonly #arguments: readonly string[];

  /** @param dockerHost `ssh://user@host:port` */
  constructor(dockerHost: string) {
    super({ keepAlive: true, maxSockets: MOST });
    this.#arguments = [...sshArguments(new URL(dockerHost).hostname), ...destinationOf(dockerHost)];
  }

  override createConnection(): Duplex {
    return new SshSocket([...this.#arguments, "docker", "system", "dial-stdio"]);
  }
}

/** Arguments of ssh(1) for an address; a host that looks like an option is none. */
export function destinationOf(dockerHost: string): string[] {
  const { username, hostname, port } = new URL(dockerHost);
  return [...(username ? ["-l", decodeURIComponent(username)] : []), ...(port ? ["-p", port] : []), "--", hostname];
}

/** What a program reads and writes, as HTTP's client needs a socket. */
class SshSocket extends Duplex {
  readonly #child;
  #said = "";

  constructor(argv: readonly string[]) {
    super();
    this.#child = spawn("ssh", argv, { stdio: ["pipe", "pipe", "pipe"] });
    const { stdin, stdout, stderr } = this.#child;
    stdout.on("data", (piece) => this.push(piece) || stdout.pause());
    stderr.on("data", (piece) => {
      this.#said = `${this.#said}${piece}`.slice(-2000);
    });
    stdin.on("error", () => undefined);
    this.#child.on("error", (error: NodeJS.ErrnoException) => {
      this.destroy(error.code === "ENOENT" ? new Error("this machine has no ssh: install openssh-client") : error);
    });
    this.#child.on("close", (code) => {
      // Only now it has said why, where it has ended for a reason.
      if (code) this.destroy(new Error(lastLine(this.#said) ?? `ssh ended with code ${code}`));
      else this.push(null);
    });
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _write(piece: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#child.stdin.write(piece, done);
  }

  override _final(done: () => void): void {
    this.#child.stdin.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#child.kill();
    done(error);
  }

  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    return this.#counts("ref");
  }

  /** A connection that waits for the next request keeps no process from ending. */
  unref(): this {
    return this.#counts("unref");
  }

  #counts(how: "ref" | "unref"): this {
    this.#child[how]();
    // Pipes are sockets, which their types don't say.
    for (const pipe of this.#child.stdio) (pipe as unknown as Record<typeof how, () => void> | null)?.[how]();
    return this;
  }
}
