import { type ChildProcess, spawn } from "node:child_process";
import { statSync } from "node:fs";
import type { CommandOutput } from "./output.ts";

/** Milliseconds between asking a cancelled command to end and killing it. */
const GRACE_MS = 2000;
/** Milliseconds that are waited for output after the command's end: what it left running may hold its pipes forever. */
const DRAIN_MS = 1000;

export interface LocalCommand {
  command: string;
  /** Default `/bin/sh -c`. */
  interpreter?: string[];
  /** Default: the program's folder, where the engine starts this provider. */
  dir?: string;
  stdin?: string;
  environment: Record<string, string>;
}

/** Runs a command on this machine in a process group of its own; throws `exit status N` and the like on failure. */
export async function runLocal(command: LocalCommand, output: CommandOutput, signal: AbortSignal): Promise<void> {
  const [program = "/bin/sh", ...args] = command.interpreter?.length ? command.interpreter : ["/bin/sh", "-c"];
  if (command.dir !== undefined && !isFolder(command.dir)) throw new Error(`dir ${command.dir} is not a folder`);
  signal.throwIfAborted();
  const child = spawn(program, [...args, command.command], {
    cwd: command.dir,
    env: { ...process.env, ...command.environment },
    stdio: [command.stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    detached: true,
  });
  child.stdout?.on("data", (piece: Buffer) => output.add("stdout", piece));
  child.stderr?.on("data", (piece: Buffer) => output.add("stderr", piece));
  // A command that doesn't read its input closes the pipe; its exit status tells the story.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(command.stdin);
  const onAbort = () => endGroup(child);
  signal.addEventListener("abort", onAbort);
  try {
    const status = await ended(child);
    signal.throwIfAborted();
    if (status !== undefined) throw new Error(status);
  } finally {
    signal.removeEventListener("abort", onAbort);
    output.end();
  }
}

/** How the command failed, or undefined. */
function ended(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    child.on("error", (error) => reject(new Error(`the command could not run: ${error.message}`)));
    child.on("exit", (code, signal) => {
      const status = code === 0 ? undefined : signal ? `signal ${signal}` : `exit status ${code}`;
      const drained = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, DRAIN_MS);
      child.on("close", () => {
        clearTimeout(drained);
        resolve(status);
      });
    });
  });
}

function endGroup(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  const send = (signal: NodeJS.Signals) => {
    try {
      process.kill(-pid, signal);
    } catch {
      // The group is gone already.
    }
  };
  send("SIGTERM");
  const kill = setTimeout(() => send("SIGKILL"), GRACE_MS);
  child.on("exit", () => {
    clearTimeout(kill);
    send("SIGKILL");
  });
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
