import { join } from "node:path";
import { type ExecResult, run } from "../lib/exec.ts";
import { handOver } from "../lib/hand-over.js";
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
export function runPulumi(args: string[], engine: Engine): Promise<number> {
  return handOver(executable(engine), args, environment(engine));
}

function executable(engine: Engine): string {
  return join(engine.root, "bin", "pulumi");
}

function environment(engine: Engine): NodeJS.ProcessEnv {
  return { ...process.env, ...backendEnv(), ...engine.env };
}
