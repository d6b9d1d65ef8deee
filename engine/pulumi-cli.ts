import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { join } from "node:path";
import { type ExecResult, run } from "../lib/exec.ts";
import { projectPath } from "../lib/project.ts";
import { backendEnv } from "./backend.ts";
import type { Engine } from "./locate.ts";

/** Runs the real Pulumi CLI on this project and gives what it printed, whatever its exit code. */
export function capturePulumi(args: string[], engine: Engine, onOutput?: (text: string) => void): Promise<ExecResult> {
  return run([executable(engine), ...args], { cwd: projectPath(), env: environment(engine), onOutput });
}

/** Selects a stack whose settings come with the checkout, and makes it before its first use. */
export function selectStack(name: string, engine: Engine): Promise<ExecResult> {
  return capturePulumi(["stack", "select", name, "--create", "--non-interactive"], engine);
}

/**
 * Runs the real Pulumi CLI on this terminal with the engine's and the backend's environment, and gives its exit code
 * (128 + n after signal n). The first SIGINT asks Pulumi to stop gracefully, a second one ends it at once.
 */
export async function runPulumi(args: string[], engine: Engine): Promise<number> {
  const child = spawn(executable(engine), args, {
    stdio: "inherit",
    env: environment(engine),
    // Its own process group: a Ctrl-C of the terminal must reach it once, through the handlers below, not twice.
    detached: !process.stdin.isTTY,
  });
  const forward = (signal: NodeJS.Signals) => void child.kill(signal);
  // On a terminal Pulumi is in the foreground group and gets Ctrl-C by itself; here it is only kept from ending us.
  const onInterrupt = process.stdin.isTTY ? () => undefined : forward;
  process.on("SIGINT", onInterrupt);
  process.on("SIGTERM", forward);
  try {
    const [code, signal] = await (once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>);
    return code ?? 128 + (signal ? constants.signals[signal] : 0);
  } finally {
    process.off("SIGINT", onInterrupt);
    process.off("SIGTERM", forward);
  }
}

function executable(engine: Engine): string {
  return join(engine.root, "bin", "pulumi");
}

function environment(engine: Engine): NodeJS.ProcessEnv {
  return { ...process.env, ...backendEnv(), ...engine.env };
}
