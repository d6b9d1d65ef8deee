import { Command } from "commander";
import { UserError } from "../../lib/errors.ts";
import { listRuns, reportFolder } from "../../lifecycle/run-folder.ts";
import { renderJson } from "../../report/json.ts";
import { summary } from "../../report/terminal/summary.ts";
import { reportPaths } from "../../report/write.ts";
import { readResult } from "./runs.ts";

/** `recipe-ci show`: the summary of a run again. */
export function showCommand(): Command {
  return new Command("show")
    .description("show the summary of a run")
    .argument("[run]", "name of the run (default: the newest that has a result)")
    .option("--json", "result.json as it is")
    .action(async (run: string | undefined, options: { json?: boolean }) => {
      const result = run ? await readResult(run) : await newest();
      if (!result) {
        throw new UserError(run ? `run "${run}" has no result` : "no run has a result yet", {
          remedy: "npx recipe-ci runs lists what there is",
        });
      }
      if (options.json) process.stdout.write(renderJson(result));
      else console.log(summary(result, reportPaths(reportFolder(result.run))));
    });
}

async function newest() {
  for (const { run } of await listRuns()) {
    const result = await readResult(run);
    if (result) return result;
  }
  return undefined;
}
