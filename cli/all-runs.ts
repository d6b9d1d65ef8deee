import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { projectPath } from "../lib/project.ts";
import type { RunResult } from "../lifecycle/result.ts";
import type { Told, Untold } from "../report/overview.ts";
import { EXIT } from "./exit.ts";

/** A run in a process of its own, once it has ended. */
export type EndedRun = (Told | Untold) & { code: number };

export interface AllRunsOptions {
  /** How many go on at a time. */
  jobs: number;
  /** Added to each `run <recipe> --json`. */
  args: readonly string[];
  /** Cancels those that go on, which take down what they made; no other begins. */
  signal: AbortSignal;
  onBegin: (recipe: string) => void;
  onEnd: (run: EndedRun) => void;
}

/** Lines of a run without a result that are told. */
const LAST_LINES = 12;

/** Takes recipes through their lives, some at a time, each as if it were run alone; gives what came of them in order. */
export async function allRuns(recipes: readonly string[], options: AllRunsOptions): Promise<EndedRun[]> {
  const { signal, jobs, onBegin, onEnd } = options;
  const waiting = [...recipes];
  const ended = new Map<string, EndedRun>();
  const work = async () => {
    for (let recipe = waiting.shift(); recipe !== undefined && !signal.aborted; recipe = waiting.shift()) {
      onBegin(recipe);
      const one = await runOf(recipe, options);
      ended.set(recipe, one);
      onEnd(one);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  const notBegun = { trouble: "not begun: all were cancelled", code: EXIT.infra };
  return recipes.map((recipe) => ended.get(recipe) ?? { recipe, ...notBegun });
}

/** The exit code of all: what a recipe is to blame for comes first. */
export function exitCodeOf(runs: readonly EndedRun[]): number {
  const worst = [EXIT.recipe, EXIT.survivors, EXIT.infra, EXIT.usage].find((code) =>
    runs.some((run) => run.code === code),
  );
  return worst ?? EXIT.pass;
}

async function runOf(recipe: string, { args, signal }: AllRunsOptions): Promise<EndedRun> {
  // In a group of its own: a Ctrl-C reaches it once, from here.
  const child = spawn(process.execPath, [projectPath("cli/main.ts"), "run", recipe, "--json", ...args], {
    cwd: projectPath(),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const cancel = () => child.kill("SIGTERM");
  signal.addEventListener("abort", cancel, { once: true });
  try {
    const ending = once(child, "close") as Promise<[number | null]>;
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), ending]);
    const result = asResult(stdout);
    const trouble = stderr.trim().split("\n").slice(-LAST_LINES).join("\n");
    return { recipe, code: code ?? EXIT.infra, ...(result ? { result } : { trouble }) };
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

function asResult(stdout: string): RunResult | undefined {
  try {
    return JSON.parse(stdout) as RunResult;
  } catch {
    return undefined;
  }
}
