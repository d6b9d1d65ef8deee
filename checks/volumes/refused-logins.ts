import type { ServiceSpec } from "../../compose/app-spec.ts";
import { plainText } from "../../lib/plain-text.ts";
import { type Attempt, DeadlineError, until } from "../../lib/until.ts";
import { containerLogs } from "../../swarm/logs.ts";
import type { CheckContext, CheckFunction } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import { runningContainer } from "../container.ts";

/** Lines of a server that are read. */
const LINES = 400;
/** How long none may be refused, in ms: most apps ask again within this time. */
const QUIET = 6_000;
/**
 * Whom Postgres and MariaDB let in no more, by their passwords: not who asks without one, nor from the container itself,
 * as health checks do.
 */
const PASSWORD =
  /FATAL: +(password authentication failed for user "[^"]*")|(Access denied for user '[^']*'@'(?!localhost|127\.|::1)[^']*' (?:to database '[^']*'|\(using password: YES\)))/;
/** What `pg_isready` has a server say as well, where it is not told of user and database. */
const NAME = /FATAL: +((?:role|database) "[^"]*" does not exist)/;

/** A refusal that a server wrote down. */
export interface Refusal {
  /** In ms. */
  at: number;
  says: string;
}

/** Whom a server's log says that it refused. @param log with the time at the beginning of each line */
export function refusalsIn(log: string, names: boolean): Refusal[] {
  return plainText(log)
    .split("\n")
    .flatMap((line) => {
      const found = PASSWORD.exec(line) ?? (names ? NAME.exec(line) : null);
      const says = found?.[1] ?? found?.[2];
      const at = Date.parse(line.slice(0, line.indexOf(" ")));
      return says === undefined || Number.isNaN(at) ? [] : [{ at, says: says.replace(/@'[^']*'/, "") }];
    });
}

/** What a database's server has refused until now. */
export async function refusals(context: CheckContext, { name }: ServiceSpec, names: boolean): Promise<Refusal[]> {
  const { engine, id } = await runningContainer(context.swarm, name, "recipe", context.signal);
  // A log that goes elsewhere can't be read, and says nothing.
  const log = await containerLogs(engine, id, { lines: LINES, timestamps: true, timeout: "10 s" }).catch(() => "");
  return refusalsIn(log, names);
}

/**
 * The app's own servers of databases let it in. An app that waits for a database which refuses it is up as far as Swarm
 * can see; the server says whom it refuses. What it is refused once or twice, as it changes a password, is no failure.
 *
 * @param before what they had refused before head came; undefined where nothing was before it
 */
export function letsAppIn(
  services: readonly ServiceSpec[],
  before?: (context: CheckContext) => Promise<ReadonlySet<string>>,
): CheckFunction {
  return async (context) => {
    const known = await before?.(context);
    for (const service of services) await letsIn(context, service, known);
    return { summary: `${services.map(({ key }) => key).join(", ")}: nobody is refused time and again` };
  };
}

async function letsIn(context: CheckContext, service: ServiceSpec, known?: ReadonlySet<string>): Promise<void> {
  if ((await current(context, service, known)).length === 0) return;
  const look = async (): Promise<Attempt<undefined>> => {
    const newest = (await current(context, service, known)).sort((one, other) => other.at - one.at)[0];
    return !newest || Date.now() - newest.at > QUIET
      ? { done: true, value: undefined }
      : { done: false, reason: newest.says };
  };
  try {
    await until(look, {
      what: `${service.key} lets the app in`,
      deadline: "15 s",
      every: "1 s",
      signal: context.signal,
    });
  } catch (error) {
    if (!(error instanceof DeadlineError)) throw error;
    const since = known ? "since the upgrade, and did not before" : "from the start on";
    throw new CheckFailure(
      `the database ${service.key} refuses who asks it, ${since}: ${error.lastReason}. User, password and database of the app and of the database's own image have to be the same, as they were when its volume was made`,
    );
  }
}

async function current(context: CheckContext, service: ServiceSpec, known?: ReadonlySet<string>): Promise<Refusal[]> {
  const all = await refusals(context, service, known !== undefined);
  return all.filter(({ says }) => !known?.has(says));
}
