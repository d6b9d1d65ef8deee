import { join } from "node:path";
import { InfraError } from "../lib/errors.ts";
import { type ExecResult, run } from "../lib/exec.ts";
import { handOver } from "../lib/hand-over.js";
import { causeOf, remedyFor } from "../lib/known-causes.ts";
import { projectPath } from "../lib/project.ts";
import { backendEnv } from "./backend.ts";
import { isInLocalState } from "./local-state.ts";
import type { Engine } from "./locate.ts";

/** Runs the real Pulumi CLI on this project and gives what it printed, whatever its exit code. */
export function capturePulumi(args: string[], engine: Engine, onOutput?: (text: string) => void): Promise<ExecResult> {
  return run([executable(engine), ...args], { cwd: projectPath(), env: environment(engine), onOutput });
}

/**
 * Makes a stack before its first use. Selects nothing: that is for who types `stack select` or `stack init`.
 * @throws InfraError with Pulumi's own words when it can't be made
 */
export async function ensureStack(name: string, engine: Engine): Promise<void> {
  if (isInLocalState(name)) return;
  const result = await capturePulumi(["stack", "init", name, "--no-select", "--non-interactive"], engine);
  const said = result.stderr.trim() || result.stdout.trim();
  if (result.code === 0 || /already exists/.test(said)) return;
  throw new InfraError(`stack ${name} can't be made: ${causeOf(said)}`, { remedy: remedyFor(said) });
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
