import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { Duplex } from "node:stream";
import { lastLine } from "../lib/plain-text.ts";

/**
 * What ssh(1) reads and writes, as HTTP's client needs a socket. It outlives its ssh between two requests: the far end
 * may close a connection while nobody uses it, and a busy program learns of that only by what it writes next. Of such a
 * request nothing has reached the engine, so it goes to a new ssh.
 */
export class SshSocket extends Duplex {
  readonly #argv: readonly string[];
  #child: ChildProcessWithoutNullStreams;
  /** `resting`: no request has it. `waking`: nothing has been written yet of the one that took it up again. */
  #use: "busy" | "resting" | "waking" = "busy";

  constructor(argv: readonly string[]) {
    // As a connection by TCP: who has nothing more to say is not spoken to.
    super({ allowHalfOpen: false });
    this.#argv = argv;
    this.#child = this.#start();
  }

  /** Its request is over, and another may take it up. */
  rest(): void {
    this.#use = "resting";
  }

  /** Another request takes it up. */
  wake(): void {
    this.#use = "waking";
  }

  #start(): ChildProcessWithoutNullStreams {
    const child = spawn("ssh", this.#argv, { stdio: ["pipe", "pipe", "pipe"] });
    let said = "";
    child.stdout.on("data", (piece) => this.push(piece) || child.stdout.pause());
    child.stderr.on("data", (piece) => {
      said = `${said}${piece}`.slice(-2000);
    });
    child.stdin.on("error", () => undefined);
    child.on("error", (error: NodeJS.ErrnoException) => {
      this.destroy(error.code === "ENOENT" ? new Error("this machine has no ssh: install openssh-client") : error);
    });
    child.on("close", (code) => {
      if (child !== this.#child) return;
      if (this.#use === "resting") this.destroy();
      // Only now it has said why, where it has ended for a reason.
      else if (code) this.destroy(new Error(lastLine(said) ?? `ssh ended with code ${code}`));
      else this.push(null);
    });
    return child;
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _write(piece: Buffer, encoding: BufferEncoding, done: () => void): void {
    const waking = this.#use === "waking";
    this.#use = "busy";
    this.#child.stdin.write(piece, (error) => {
      if (!error) return done();
      // Else it has ended, and says why in a moment.
      if (!waking) return;
      this.#child = this.#start();
      this._write(piece, encoding, done);
    });
  }

  override _final(done: () => void): void {
    this.#child.stdin.end(() => done());
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
