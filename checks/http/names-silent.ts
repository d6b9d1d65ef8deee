import { type Clock, systemClock } from "../../lib/clock.ts";
import type { Duration } from "../../lib/duration.ts";
import { plural } from "../../lib/plural.ts";
import { DeadlineError, until } from "../../lib/until.ts";
import type { Entry } from "../../swarm/entry/find.ts";
import type { Evidence } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import { askEntry, type EntryResponse } from "./entry-request.ts";
import { isNoRouter, nobodysName } from "./no-router.ts";

interface Waiting {
  /** Longest wait; Traefik itself takes a second to see that a service is gone. Default `20 s`. */
  within?: Duration;
  clock?: Clock;
}

/**
 * Nothing answers at names whose apps are gone: Traefik's own 404 comes, as for a name that nobody ever had. Where a
 * neighbour's router takes every name, that one answers here as well, which is not these apps' doing.
 *
 * @throws CheckFailure (infra) with what still answers
 */
export async function namesAreSilent(
  entry: Entry,
  names: readonly string[],
  { within = "20 s", clock = systemClock }: Waiting = {},
): Promise<Evidence> {
  const ask = (name: string) => askEntry(entry, { url: `https://${name}/` });
  const what = "Traefik's own 404 at the names of apps that are gone";
  try {
    return await until(
      async () => {
        const [nobodys, ...answers] = await Promise.all([nobodysName(entry), ...names].map(ask));
        const heard = answers.map((answer, at) => ({ name: names[at], answer }));
        const loud = heard.filter(({ answer }) => !isNoRouter(answer) && answer.status !== takenBy(nobodys));
        if (loud.length > 0) return { done: false, reason: loud.map(shown).join("; ") };
        const how = nobodys && isNoRouter(nobodys) ? "Traefik's own 404" : "as any name here, by another app's router";
        return { done: true, value: { summary: `${plural(names.length, "name")}: ${how}`, details: { names } } };
      },
      { what, deadline: within, every: "100 ms", clock },
    );
  } catch (error) {
    if (!(error instanceof DeadlineError)) throw error;
    throw new CheckFailure(`${error.message}: something that is not the run's has a router for it`, { owner: "infra" });
  }
}

/** What a router that takes every name answers; undefined where there is none. */
function takenBy(nobodys?: EntryResponse): number | undefined {
  return nobodys && nobodys.status > 0 && !isNoRouter(nobodys) ? nobodys.status : undefined;
}

function shown({ name, answer: { status, error } }: { name?: string; answer: EntryResponse }): string {
  return `${name}: ${error ?? `status ${status}`}`;
}
