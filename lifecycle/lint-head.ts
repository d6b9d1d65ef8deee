import { milliseconds } from "../lib/duration.ts";
import { messageOf } from "../lib/errors.ts";
import { lintRecipe } from "../lint/lint.ts";
import { dockerCli } from "../machine/docker-cli.ts";
import { LIMITS } from "./limits.ts";
import type { LintResult } from "./result.ts";
import type { RunArgs } from "./session.ts";

/** What lint found, or one warning that says why it could not work. */
export interface Linted {
  lint?: LintResult;
  warnings: string[];
}

/** Lints head with the waivers of the recipe's definition. Never throws: a run goes on without it. */
export async function lintHead(
  { definition, located, signal }: Pick<RunArgs, "definition" | "located" | "signal">,
  findCli: typeof dockerCli = dockerCli,
): Promise<Linted> {
  try {
    const { counts, findings, status } = await lintRecipe({
      repo: located.repo,
      recipe: definition.name,
      commit: located.headCommit,
      dockerCli: await findCli(),
      env: definition.env,
      upgradeEnv: definition.upgradeEnv,
      waivers: definition.waivers,
      ownChecks: definition.custom?.length,
      signal: AbortSignal.any([signal, AbortSignal.timeout(milliseconds(LIMITS.lint))]),
    });
    const { inputs: _, ...rest } = status;
    return { lint: { counts, findings, status: rest }, warnings: [] };
  } catch (error) {
    const [line] = messageOf(error).split("\n");
    return { warnings: [`lint could not work: ${line}`] };
  }
}
