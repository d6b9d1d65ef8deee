import { Command } from "commander";
import { describe, UserError } from "../../lib/errors.ts";
import { plural } from "../../lib/plural.ts";
import { deadRuns, end } from "../../lifecycle/reaper.ts";
import { checkToken } from "../../nodes/hetzner/check-token.ts";
import { calledBy } from "../../nodes/hetzner/labelled.ts";
import { type Reaped, reapNodes } from "../../nodes/hetzner/reap.ts";
import { EXIT } from "../exit.ts";
import { hetznerAccess } from "../hetzner-access.ts";
import { readyPulumi } from "../node.ts";
import { takeNodeSecrets } from "../node-secrets.ts";
import { ProgressPrinter } from "../progress.ts";

interface Options {
  dryRun?: boolean;
  expired?: boolean;
  node?: string;
}

/** `recipe-ci reap`: ends what nobody ends any more. */
export function reapCommand(): Command {
  return new Command("reap")
    .description("take away what killed runs left, and, with HCLOUD_TOKEN, nodes at Hetzner whose time is over")
    .option("--dry-run", "only show what would go")
    .option("--expired", "only nodes at Hetzner whose time is over (their setting ttl)")
    .option("--node <id>", "only the node at Hetzner with this id, whatever its time")
    .action(async (options: Options) => {
      const onlyNodes = options.expired || options.node !== undefined;
      const good = [onlyNodes || (await reapRuns(options)), await reapAtHetzner(options, onlyNodes)];
      if (!good.every(Boolean)) process.exitCode = EXIT.survivors;
    });
}

/** Ends runs whose process is dead; false when something of one is left. */
async function reapRuns({ dryRun }: Options): Promise<boolean> {
  const dead = await deadRuns();
  if (dead.length === 0) console.log("no dead runs");
  const pulumi = dead.length > 0 && !dryRun ? await readyPulumi(new ProgressPrinter()) : undefined;
  if (pulumi) await takeNodeSecrets();
  let good = true;
  for (const state of dead) {
    const error = pulumi && (await end(state, pulumi).then(() => undefined, describe));
    good &&= error === undefined;
    const fate = error ? `is left: ${error}` : dryRun ? "would go" : "is gone";
    console.log(`run ${state.run} of ${state.recipe} ${fate}`);
  }
  return good;
}

/** Takes away nodes at Hetzner; false when something of one is left. */
async function reapAtHetzner({ dryRun = false, expired = false, node }: Options, needed: boolean): Promise<boolean> {
  const access = await hetznerAccess();
  if (!access && needed) throw new UserError("HCLOUD_TOKEN is not set", { remedy: "set it to a token of the project" });
  if (!access) {
    console.log("nothing was looked for at Hetzner: HCLOUD_TOKEN is not set");
    return true;
  }
  if (!dryRun) await checkToken(access);
  const progress = new ProgressPrinter();
  const reaped = await reapNodes(access, { expired, id: node }, { dryRun, progress: (text) => progress.line(text) });
  if (reaped.length === 0) console.log("no node at Hetzner is to go");
  for (const one of reaped) console.log(lines(one, dryRun).join("\n"));
  return reaped.every(({ left }) => left.length === 0);
}

function lines({ id, stack, why, objects, left, error }: Reaped, dryRun: boolean): string[] {
  const node = `node ${id} of stack ${stack}`;
  if (dryRun)
    return [
      `${node} would go, since ${why}: ${plural(objects.length, "object")}`,
      ...objects.map((one) => `  ${calledBy(one)}`),
    ];
  if (left.length === 0) return [`${node} is gone, since ${why}: ${plural(objects.length, "object")}`];
  return [`${node} is left: ${left.join(", ")}`, ...(error ? [`  ${error}`] : [])];
}
