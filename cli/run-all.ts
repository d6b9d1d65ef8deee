import { availableParallelism } from "node:os";
import { humanize } from "../lib/duration.ts";
import { UserError } from "../lib/errors.ts";
import { home } from "../lib/home.ts";
import { plural } from "../lib/plural.ts";
import { definedRecipes } from "../recipes/defined.ts";
import { type Overview, overviewCounts, overviewLine } from "../report/overview.ts";
import { writeOverview } from "../report/write.ts";
import { allRuns, exitCodeOf } from "./all-runs.ts";
import { cancelOnSignals } from "./cancel.ts";
import { readyNode, readyPulumi } from "./node.ts";
import { takeNodeSecrets } from "./node-secrets.ts";
import { ProgressPrinter } from "./progress.ts";
import type { RecipeArguments } from "./recipe-arguments.ts";

/** What a run can be told beside its recipe. */
export interface AllOptions {
  /** Minutes for which the app is left up. */
  keep?: number;
  placeOn?: string;
  reattach?: boolean;
  /** How many go on at a time. Default: the number of processors. */
  jobs?: number;
}

/** What says of one recipe what the others can't be told as well. */
const OF_ONE = ["source", "ref", "dirty", "keep"] as const;

/**
 * `recipe-ci run --all`: every recipe that has a `ci.ts` here lives its whole life, in a process of its own, and one page,
 * one JUnit file and one result are written of all, in place of those of the last time.
 *
 * @throws UserError for what only one recipe can be told
 */
export async function runAll(recipe: string | undefined, options: RecipeArguments & AllOptions): Promise<number> {
  assertOfAll(recipe, options);
  const progress = new ProgressPrinter();
  const { signal, release } = cancelOnSignals((line) => progress.line(line));
  const out = options.json ? process.stderr : process.stdout;
  const say = (line: string) => out.write(`${line}\n`);
  const [startedAt, begun] = [new Date().toISOString(), performance.now()];
  try {
    const pulumi = await readyPulumi(progress, signal);
    await takeNodeSecrets();
    // Once, so that they don't all wait for it.
    await readyNode(pulumi, progress, signal);
    const runs = await allRuns(definedRecipes(), {
      jobs: options.jobs ?? availableParallelism(),
      args: [...(options.placeOn ? ["--place-on", options.placeOn] : []), ...(options.reattach ? ["--reattach"] : [])],
      signal,
      onBegin: (name) => say(`begins  ${name}`),
      onEnd: (ended) => say(`ended   ${overviewLine(ended)}`),
    });
    const durationMs = performance.now() - begun;
    const overview: Overview = { startedAt, durationMs, runs: runs.map(({ code: _, ...told }) => told) };
    const paths = await writeOverview(overview, home("overview"), (name) => `../runs/${name}/report.html`);
    if (options.json) process.stdout.write(`${JSON.stringify(overview, undefined, 2)}\n`);
    else {
      say(`\n${plural(runs.length, "recipe")}: ${overviewCounts(overview)}, in ${humanize(durationMs)}`);
      for (const [name, path] of Object.entries(paths)) say(`  ${name.padEnd(6)}  ${path}`);
    }
    return exitCodeOf(runs);
  } finally {
    release();
  }
}

function assertOfAll(recipe: string | undefined, options: RecipeArguments & AllOptions): void {
  const given = OF_ONE.filter((key) => options[key] !== undefined).map((key) => `--${key}`);
  const odd = [...(recipe === undefined ? [] : [recipe]), ...given];
  if (odd.length === 0) return;
  throw new UserError(`--all takes every recipe as its ci.ts says, without ${odd.join(", ")}`, {
    remedy: "leave that out, or run one recipe",
  });
}
