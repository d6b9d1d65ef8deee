import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type ExecResult, run } from "../../lib/exec.ts";
import { projectPath } from "../../lib/project.ts";
import type { RunResult } from "../../lifecycle/result.ts";
import type { DefinedRun } from "./defined-run.ts";

const MAIN = projectPath("cli/main.ts");

/** Runs the command line as a user would, and gives what came of it. */
export function recipeCi(...args: string[]): Promise<ExecResult> {
  return run([process.execPath, MAIN, ...args], { cwd: projectPath() });
}

/** The result that `run --json` printed. Throws with everything else it said when there is none. */
export function resultOf({ stdout, stderr }: Pick<ExecResult, "stdout" | "stderr">): RunResult {
  try {
    return JSON.parse(stdout) as RunResult;
  } catch {
    throw new Error(`no result:\n${stdout}\n${stderr}`);
  }
}

/** A run, in a process of its own, with a definition that is no file. */
export async function definedRun(args: Omit<DefinedRun, "run">): Promise<RunResult> {
  const asked: DefinedRun = { run: `${args.definition.name}-${randomBytes(4).toString("hex")}`, ...args };
  return resultOf(await run([process.execPath, projectPath("tests/live/defined-run.ts"), JSON.stringify(asked)]));
}

/** A command line that goes on while the test does something to it. */
export class RunningCli {
  readonly child: ChildProcess;
  stdout = "";
  stderr = "";

  constructor(...args: string[]) {
    this.child = spawn(process.execPath, [MAIN, ...args], { cwd: projectPath(), stdio: ["ignore", "pipe", "pipe"] });
    for (const name of ["stdout", "stderr"] as const) {
      this.child[name]?.on("data", (piece: Buffer) => {
        this[name] += piece.toString();
      });
    }
  }

  get output(): string {
    return this.stdout + this.stderr;
  }

  /** Waits for the exit code; undefined when a signal ended it. */
  async exited(): Promise<number | undefined> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, "exit");
    return this.child.exitCode ?? undefined;
  }
}
