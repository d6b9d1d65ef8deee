import { randomBytes } from "node:crypto";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { describe, UserError } from "../../lib/errors.ts";
import type { RunListener } from "../../lifecycle/phase-log.ts";
import { reap } from "../../lifecycle/reaper.ts";
import type { RunResult } from "../../lifecycle/result.ts";
import { runRecipe } from "../../lifecycle/run.ts";
import { reportFolder } from "../../lifecycle/run-folder.ts";
import { commandOf } from "../../lifecycle/stack.ts";
import { exitCode } from "../../lifecycle/verdict.ts";
import { configuredBaseDomain } from "../../nodes/platform-settings.ts";
import { definedRecipes } from "../../recipes/defined.ts";
import { findRecipe } from "../../recipes/find.ts";
import { renderJson } from "../../report/json.ts";
import { liveLine, phaseHeading, phaseLine, standInLines } from "../../report/terminal/live.ts";
import { lookOf } from "../../report/terminal/look.ts";
import { summary } from "../../report/terminal/summary.ts";
import { writeReports } from "../../report/write.ts";
import { locateRecipes, namesIn } from "../../stacks/deployments.ts";
import { locateVersions } from "../../stacks/versions.ts";
import { connect } from "../../swarm/client.ts";
import { assertNode } from "../../swarm/place.ts";
import { cancelOnSignals } from "../cancel.ts";
import { keptApp } from "../kept-app.ts";
import { readyNode, readyPulumi } from "../node.ts";
import { takeNodeSecrets } from "../node-secrets.ts";
import { ProgressPrinter } from "../progress.ts";
import { type RecipeArguments, recipeCommand } from "../recipe-arguments.ts";
import { type AllOptions, runAll } from "../run-all.ts";

interface RunOptions extends RecipeArguments, AllOptions {
  all?: boolean;
}

/** `recipe-ci run`: takes a recipe through its whole life and judges it. */
export function runCommand(): Command {
  const json = "print result.json on standard output, and nothing else there";
  const command = recipeCommand("run", { verb: "test", json });
  command.registeredArguments[0]?.argOptional();
  return command
    .description("take a recipe through install, upgrade, backup, restore, a move, its own checks and destroy")
    .option("--keep <minutes>", "leave the app up that long instead of tearing it down", minutes)
    .option(
      "--place-on <node>",
      "node of the Swarm to run on, by name, id or constraint (default: the one with most free memory)",
    )
    .option("--reattach", "undeploy base before the upgrade, and deploy head on the volumes that it leaves")
    .option("--all", "every recipe that has a ci.ts here, some at a time, with one overview of them")
    .option("--jobs <count>", "with --all: how many at a time (default: the number of processors)", jobs)
    .action(async (recipe: string | undefined, options: RunOptions) => {
      process.exitCode = await (options.all ? runAll(recipe, options) : run(ofOne(recipe, options), options));
    });
}

function ofOne(recipe: string | undefined, { jobs: count }: RunOptions): string {
  if (recipe === undefined)
    throw new UserError("no recipe is named", { remedy: `name one, or say --all: ${definedRecipes().join(", ")}` });
  if (count !== undefined)
    throw new UserError("--jobs counts the runs of --all", { remedy: "leave it out, or say --all without a recipe" });
  return recipe;
}

async function run(recipe: string, options: RunOptions): Promise<number> {
  const progress = new ProgressPrinter();
  const { signal, release } = cancelOnSignals((line) => progress.line(line));
  try {
    const definition = await findRecipe(recipe, options.source);
    const name = `run-${recipe}-${randomBytes(3).toString("hex")}`;
    const locating = locateVersions(definition, options).then((located) =>
      locateRecipes(definition, located, { namesOf: namesIn(name, configuredBaseDomain()) }),
    );
    const [recipes, pulumi] = await Promise.all([locating, readyPulumi(progress, signal)]);
    // Needed with the run's first step; what goes wrong is told there.
    commandOf(pulumi).catch(() => undefined);
    await takeNodeSecrets();
    const node = await readyNode(pulumi, progress, signal);
    await reap(pulumi, node.dockerHost, (line) => progress.line(line));
    if (options.placeOn) await assertNode(connect(node.dockerHost), options.placeOn);
    const keepUntil = options.keep ? new Date(Date.now() + options.keep * 60_000) : undefined;
    const listener = printing(name, progress, options.json ? process.stderr : process.stdout);
    const result = await runRecipe({
      run: name,
      ...recipes,
      reattach: options.reattach,
      pulumi,
      dockerHost: node.dockerHost,
      nodeKind: node.kind,
      placeOn: options.placeOn,
      mirror: node.mirror,
      keepUntil,
      listener,
      signal,
    });
    await show(result, options);
    if (keepUntil) console.error(`\n${(await keptApp(result, node.dockerHost, keepUntil)).join("\n")}`);
    return exitCode(result, result.ledger);
  } finally {
    release();
  }
}

async function show(result: RunResult, options: RunOptions): Promise<void> {
  const paths = await writeReports(result, reportFolder(result.run));
  if (options.json) process.stdout.write(renderJson(result));
  else console.log(summary(result, paths));
}

/** A line per check as it ends, and every event of Pulumi into the run's folder. */
function printing(run: string, progress: ProgressPrinter, out: NodeJS.WriteStream): RunListener {
  const print = (text: string) => {
    progress.close();
    out.write(`${text}\n`);
  };
  const look = lookOf(out);
  const events = join(reportFolder(run), "engine-events.ndjson");
  return {
    phaseStarted: (phase) => print(phaseHeading(phase, look)),
    checkEnded: (check) => print(liveLine(check, look)),
    phaseEnded: (phase) => print(phaseLine(phase, look)),
    standsIn: (standIns) => print(standInLines(standIns, look)),
    progress: (line) => progress.line(`  ${line}`),
    step: progress.step,
    engineEvent: (event) => {
      try {
        appendFileSync(events, `${JSON.stringify(event)}\n`);
      } catch (error) {
        progress.line(`  Pulumi's events can't be kept: ${describe(error)}`);
      }
    },
  };
}

function jobs(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 64) return value;
  throw new InvalidArgumentError("a whole number from 1 to 64.");
}

function minutes(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 10_080) {
    throw new InvalidArgumentError("a whole number of minutes from 1 to 10080 (a week).");
  }
  return value;
}
