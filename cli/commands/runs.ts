import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { isAlive } from "../../lib/process-identity.ts";
import type { RunResult } from "../../lifecycle/result.ts";
import { listRuns, type RunState, reportFolder } from "../../lifecycle/run-folder.ts";

/** `recipe-ci runs`: what was run here, newest first. */
export function runsCommand(): Command {
  return new Command("runs")
    .description("list runs, newest first")
    .option("--json", "as JSON")
    .action(async (options: { json?: boolean }) => {
      const states = await listRuns();
      const rows = await Promise.all(states.map(async (state) => ({ ...state, status: await status(state) })));
      if (options.json) console.log(JSON.stringify(rows, null, 2));
      else if (rows.length === 0) console.log("no runs yet: npx recipe-ci run <recipe>");
      else for (const row of rows) console.log(`${row.startedAt}  ${row.status.padEnd(8)}  ${row.recipe}  ${row.run}`);
    });
}

async function status(state: RunState): Promise<string> {
  if (isAlive(state.owner) && !state.finishedAt && !state.keepUntil) return "running";
  const result = await readResult(state.run);
  if (state.keepUntil && !state.finishedAt) return "kept";
  return result?.verdict ?? (state.finishedAt ? "ended" : "dead");
}

/** The result of a run; undefined when it has none, e.g. because it was killed. */
export async function readResult(run: string): Promise<RunResult | undefined> {
  try {
    return JSON.parse(await readFile(join(reportFolder(run), "result.json"), "utf8")) as RunResult;
  } catch {
    return undefined;
  }
}
