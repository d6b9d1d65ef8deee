import { Command } from "commander";
import { UserError } from "../../lib/errors.ts";
import { isAlive } from "../../lib/process-identity.ts";
import { end } from "../../lifecycle/reaper.ts";
import { readState } from "../../lifecycle/run-folder.ts";
import { readyEngine } from "../node.ts";
import { ProgressPrinter } from "../progress.ts";

/** `recipe-ci end`: removes a run that was kept. */
export function endCommand(): Command {
  return new Command("end")
    .description("remove a run that was kept with --keep")
    .argument("<run>", "name of the run")
    .action(async (run: string) => {
      const state = await readState(run);
      if (!state) throw new UserError(`there is no run "${run}"`, { remedy: "npx recipe-ci runs lists what there is" });
      if (isAlive(state.owner)) throw new UserError(`run "${run}" is going on`, { remedy: "end it with Ctrl-C there" });
      const engine = await readyEngine(new ProgressPrinter());
      await end(state, engine);
      console.log(`removed run ${run}`);
    });
}
