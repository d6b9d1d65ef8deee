import type { Duration } from "../../lib/duration.ts";
import { InfraError } from "../../lib/errors.ts";
import { DeadlineError, until } from "../../lib/until.ts";
import type { Swarm } from "../../swarm/client.ts";
import { type Entry, findEntry } from "../../swarm/entry/find.ts";
import { TRAEFIK_SERVICE } from "../../swarm/entry/labels.ts";
import { serviceLogs } from "../../swarm/logs.ts";
import { askEntry } from "./entry-request.ts";
import { nobodysName } from "./no-router.ts";

/**
 * The way into a Swarm, once it answers with the certificate for its names, as whoever asks from here sees it. Undefined
 * where the Swarm has no Traefik of the platform's.
 *
 * @param within longest wait, e.g. for one that was just begun. Default `20 s`
 * @throws InfraError with what was seen last, and the end of Traefik's log
 */
export async function entryAnswering(swarm: Swarm, within: Duration = "20 s"): Promise<Entry | undefined> {
  return until(
    async () => {
      const entry = await findEntry(swarm);
      const error = entry && (await askEntry(entry, { url: `https://${nobodysName(entry)}/` })).error;
      return error ? { done: false, reason: error } : { done: true, value: entry };
    },
    { what: "Traefik answers", deadline: within, every: "50 ms" },
  ).catch(async (error: unknown) => {
    throw error instanceof DeadlineError ? await withLog(swarm, error) : error;
  });
}

async function withLog(swarm: Swarm, error: DeadlineError): Promise<InfraError> {
  const log = await serviceLogs(swarm, TRAEFIK_SERVICE, { lines: 5 }).catch(() => "");
  const remedy = `look at the service ${TRAEFIK_SERVICE} on the node: its tasks, its log`;
  return new InfraError(`${error.message}${log ? `\n${log}` : ""}`, { remedy, cause: error });
}
