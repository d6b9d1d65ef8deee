import { Command } from "commander";
import { humanize } from "../../lib/duration.ts";
import { plural } from "../../lib/plural.ts";
import { listRuns } from "../../lifecycle/run-folder.ts";
import { ordersOf } from "../../nodes/hetzner/choose-servers.ts";
import { type Cost, costLine, costOf, costOfRun } from "../../nodes/hetzner/cost.ts";
import { PRICE_TABLE, type Prices, pricesNow } from "../../nodes/hetzner/prices.ts";
import { type HetznerSettings, settingsWithoutToken } from "../../nodes/hetzner/settings.ts";
import { runStack } from "../../nodes/local-stack.ts";
import { stackConfig } from "../../pulumi/stack-file.ts";
import { hetznerAccess } from "../hetzner-access.ts";
import { readResult } from "./runs.ts";

/** The stack that the project ships for a node at Hetzner. */
const SHIPPED = "ci";

/** What a run takes where none was made here: about what custom-html takes. */
const RUN_MS = 60_000;

/** How long runs take on this machine. */
interface Runs {
  ms: number;
  /** How many that is known from; 0: it is a guess. */
  count: number;
}

/** `recipe-ci cost`: what a node at Hetzner costs. */
export function costCommand(): Command {
  return new Command("cost")
    .description(
      "what a node at Hetzner costs: an hour, a month, a run; by Hetzner's prices of today with HCLOUD_TOKEN",
    )
    .option("-s, --stack <name>", "the node's stack (default: that of RECIPE_CI_NODE_STACK, else ci)")
    .option("--json", "as JSON")
    .action(async (options: { stack?: string; json?: boolean }) => {
      const stack = options.stack ?? (stackConfig(runStack()).node === "hetzner" ? runStack() : SHIPPED);
      const { prices, isThere, cost } = await costOfStack(stack);
      const runs = await pastRuns();
      const run = costOfRun(cost, runs.ms, 1);
      const { date, source, vatPercent } = prices;
      if (options.json)
        console.log(
          JSON.stringify({ stack, currency: "EUR", isThere, ...cost, run, runs, date, source, vatPercent }, null, 2),
        );
      else console.log(lines(stack, isThere, cost, run, runs, prices).join("\n"));
    });
}

async function costOfStack(stack: string): Promise<{ prices: Prices; isThere: boolean; cost: Cost }> {
  const config = stackConfig(stack);
  const settings = await settingsWithoutToken({ get: (key) => config[key] });
  const access = await hetznerAccess(stack);
  const prices = access ? await pricesNow(access) : PRICE_TABLE;
  const { orders, isThere } = access ? await ordersOf(access, settings, stack) : firstChoice(settings);
  return { prices, isThere, cost: costOf({ ...settings, orders }, prices) };
}

/** What is wanted before all else, where nobody can be asked what there is. */
function firstChoice({ serverTypes, locations, workers }: Omit<HetznerSettings, "token">) {
  const [serverType = "", location = ""] = [serverTypes[0], locations[0]];
  return { orders: Array.from({ length: workers + 1 }, () => ({ serverType, location })), isThere: false };
}

/** The median of runs that passed. */
async function pastRuns(): Promise<Runs> {
  const results = await Promise.all((await listRuns()).map(({ run }) => readResult(run)));
  const times = results.flatMap((one) => (one?.verdict === "pass" ? [one.durationMs] : [])).sort((a, b) => a - b);
  return { ms: times[Math.floor(times.length / 2)] ?? RUN_MS, count: times.length };
}

function lines(stack: string, isThere: boolean, cost: Cost, run: number, runs: Runs, prices: Prices): string[] {
  const known =
    runs.count > 0 ? `the median of ${plural(runs.count, "run")} here` : "a guess: there are no runs here yet";
  return [
    `stack ${stack}: ${isThere ? "is there, and would cost a new order" : "would cost"} ${costLine(cost)}`,
    ...cost.parts.map(({ what, count, ...price }) => `  ${count} x ${what.padEnd(26)} ${costLine(price)}`),
    `  a run of ${humanize(runs.ms)} (${known}): ${run.toFixed(5)} EUR, while the node is there anyway`,
    `prices: ${prices.source}; tax of ${prices.vatPercent} % may come on top`,
    "a begun hour is billed as a whole one, and a server that is off as one that is on: only destroy ends it",
  ];
}
