import type { AppSpec, ServiceSpec } from "../compose/app-spec.ts";
import { mayEndWell } from "../compose/convert/lasting.ts";
import { type Duration, humanize, milliseconds } from "../lib/duration.ts";
import { plural } from "../lib/plural.ts";
import { type ConvergeEvidence, watchConvergence } from "../swarm/converge/converge.ts";
import { ConvergeError } from "../swarm/converge/converge-error.ts";
import type { CheckContext, Evidence } from "./check.ts";
import { CheckFailure } from "./check-failure.ts";
import { smallSetting } from "./kernel-settings.ts";
import { nameTrouble } from "./names-of-run.ts";
import { withoutInternet } from "./no-internet.ts";
import { lateness, lookWhenOver } from "./overdue.ts";

export interface ConvergedArgs {
  deadline: Duration;
  /** How long nothing may change once every service runs. */
  stableFor: Duration;
  /** Services were made or changed just before: what their containers took is measured. */
  fresh: boolean;
  /** Failed tasks tolerated per service, for apps that restart until their database is up. */
  restarts: number;
  /** Swarm may still watch an update whose tasks all run. Default: false. */
  watchedYet?: boolean;
  /** They are updates: what ended by itself before they were made counts as well. Default: false. */
  updated?: boolean;
  /** They were stopped and started as they are: what ended before that does not count. Default: false. */
  restarted?: boolean;
  /** How long operators' tools wait for them. Default: nobody does. */
  patience?: Patience;
}

/** How long abra waits for an app to come to rest; then it says that the deployment failed, and does nothing more. */
export interface Patience {
  seconds: number;
  /** The recipe says so itself, by its label `timeout`: less than its start takes is a mistake of the recipe's. */
  said: boolean;
}

/** What is looked at, and by whom. */
export type Watched = Pick<CheckContext, "swarm" | "run" | "app" | "entry" | "signal"> &
  Partial<Pick<CheckContext, "probe">>;

/** Every service runs all its tasks, healthy and on its newest spec, and stays so; no task failed on the way. */
export function converged(args: ConvergedArgs): (context: Watched) => Promise<Evidence> {
  return async (context) => {
    using overdue = args.patience?.said ? lookWhenOver(args.patience, context) : undefined;
    try {
      const seen = await watchConvergence({
        swarm: context.swarm,
        services: context.app.services.map((service) => ({
          name: service.name,
          replicas: replicasOf(service),
          mayEnd: mayEndWell(service),
        })),
        deadline: args.deadline,
        stableFor: args.stableFor,
        restartBudget: args.restarts,
        sinceChange: args.restarted,
        formerToo: args.updated,
        watchedYet: args.watchedYet,
        signal: context.signal,
      });
      const late = args.patience && afterPatience(slowest(seen, context.app), args.patience, context.app.namespace);
      if (late && overdue) throw await lateness(late, overdue, { services: seen.services });
      const window = milliseconds(args.stableFor) > 0 ? `, stable for ${args.stableFor}` : "";
      const took = args.fresh ? ` up in ${humanize(seen.containerMs)}` : " still up";
      const ended = seen.services.filter((service) => service.ended).map(({ name }) => name);
      const early = args.fresh ? seen.tooEarly.map((sentence) => `; ${sentence}`).join("") : "";
      const done = ended.length > 0 ? `; at its end, with exit code 0: ${ended.join(", ")}` : "";
      return {
        summary: `${plural(context.app.services.length, "service")}${took}${window}${done}${early}${late ? `; ${late}` : ""}`,
        details: { services: seen.services },
        containerMs: args.fresh ? seen.containerMs : undefined,
      };
    } catch (error) {
      throw await asFailure(error, context);
    }
  };
}

/**
 * Milliseconds that the service took which took longest, from its first task made to its last one healthy: services start
 * side by side, and one that an upgrade leaves as it is has tasks of long ago. Of a job, what it does is no start.
 */
export function slowest({ services }: Pick<ConvergeEvidence, "services">, app: AppSpec): number {
  const took = services.map(({ name, tasks, ended }) => {
    const isJob = app.services.find((one) => one.name === name)?.mode.kind.endsWith("-job");
    if (tasks.length === 0 || ended || isJob) return 0;
    const made = tasks.map(({ createdAt }) => Date.parse(createdAt));
    return Math.max(...tasks.map(({ readyAt }) => Date.parse(readyAt))) - Math.min(...made);
  });
  return Math.max(0, ...took);
}

/** What operators are told of an app that came to rest, and later than that; undefined of any other. */
export function afterPatience(tookMs: number, { seconds, said }: Patience, namespace: string): string | undefined {
  if (tookMs <= seconds * 1000) return undefined;
  const label = `coop-cloud.${namespace}.timeout`;
  const why = said ? `label ${label}, TIMEOUT in .env.sample` : `where no label ${label} says more`;
  return `every service runs, after ${humanize(tookMs)}, and abra waits for ${seconds} s (${why}): operators are told that the deployment failed`;
}

async function asFailure(error: unknown, context: Watched): Promise<unknown> {
  if (context.signal.aborted || !(error instanceof ConvergeError)) return error;
  const troubles = await Promise.all(
    error.causes.map(
      async (cause) =>
        nameTrouble(cause, context) ?? (await withoutInternet(cause, context)) ?? (await smallSetting(cause, context)),
    ),
  );
  const certain = troubles.flatMap((one) => (one?.owner ? one.said : []));
  const perhaps = troubles.flatMap((one) => (one && !one.owner ? one.said : []));
  const seen = [error.message, ...(certain.length > 0 ? [] : settings(error)), ...perhaps];
  const message = certain.length > 0 ? [...certain, `what was seen of it: ${seen[0]}`, ...seen.slice(1)] : seen;
  // What the recipe is to answer for besides stays its own.
  const owners = error.causes.map(({ owner }, index) => (owner === "recipe" && troubles[index]?.owner) || owner);
  const owner = (["recipe", "author"] as const).find((one) => owners.includes(one)) ?? "infra";
  return new CheckFailure(message.join("\n"), { details: { causes: error.causes }, owner });
}

/** What a recipe or its definition may say against an end like this, where it is no fault. */
function settings({ causes }: ConvergeError): string[] {
  const kinds = new Set(causes.map(({ kind }) => kind));
  return [
    ...(kinds.has("not-converged")
      ? ["where it only takes longer: TIMEOUT in .env.sample, or convergence in the recipe's ci.ts"]
      : []),
    ...(kinds.has("unhealthy") ? ["where it only takes longer to be healthy: start_period of its health check"] : []),
    ...(kinds.has("exited") ? ["where it may end some times until others are up: restarts in the recipe's ci.ts"] : []),
  ];
}

function replicasOf(service: ServiceSpec): number | undefined {
  return service.mode.kind === "replicated" ? service.mode.replicas : undefined;
}
