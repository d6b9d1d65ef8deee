import { endMarked } from "../lib/marked-processes.ts";

/** Variable that every process of a run's Pulumi carries: the CLI, and the plugins it starts. */
export const RUN_VARIABLE = "RECIPE_CI_RUN";

/**
 * Ends what is left of a run's Pulumi: when the runner is killed, plugins may go on without anyone to talk to.
 *
 * @returns how many processes were ended
 */
export function endPulumiProcesses(run: string): Promise<number> {
  return endMarked(RUN_VARIABLE, run);
}
