import { join } from "node:path";
import { InfraError } from "../lib/errors.ts";
import { type ExecResult, run } from "../lib/exec.ts";
import { handOver } from "../lib/hand-over.js";
import { causeOf, remedyFor } from "../lib/known-causes.ts";
import { projectPath } from "../lib/project.ts";
import { backendEnv } from "./backend.ts";
import { isInLocalState } from "./local-state.ts";
import type { Pulumi } from "./locate.ts";

/** Runs the real Pulumi CLI on this project and gives what it printed, whatever its exit code. */
export function capturePulumi(args: string[], pulumi: Pulumi, onOutput?: (text: string) => void): Promise<ExecResult> {
  return run([executable(pulumi), ...args], { cwd: projectPath(), env: environment(pulumi), onOutput });
}

/**
 * Makes a stack before its first use. Selects nothing: that is for who types `stack select` or `stack init`.
 * @throws InfraError with Pulumi's own words when it can't be made
 */
export async function ensureStack(name: string, pulumi: Pulumi): Promise<void> {
  if (isInLocalState(name)) return;
  const result = await capturePulumi(["stack", "init", name, "--no-select", "--non-interactive"], pulumi);
  const said = result.stderr.trim() || result.stdout.trim();
  if (result.code === 0 || /already exists/.test(said)) return;
  throw new InfraError(`stack ${name} can't be made: ${causeOf(said)}`, { remedy: remedyFor(said) });
}

/**
 * Runs the real Pulumi CLI on this terminal with Pulumi's and the backend's environment, and gives its exit code
 * (128 + n after signal n). The first SIGINT asks Pulumi to stop gracefully, a second one ends it at once.
 */
export function runPulumi(args: string[], pulumi: Pulumi): Promise<number> {
  return handOver(executable(pulumi), args, environment(pulumi));
}

function executable(pulumi: Pulumi): string {
  return join(pulumi.root, "bin", "pulumi");
}

function environment(pulumi: Pulumi): NodeJS.ProcessEnv {
  return { ...process.env, ...backendEnv(), ...pulumi.env };
}
