import { InfraError } from "../../lib/errors.ts";
import { until } from "../../lib/until.ts";
import type { ChallengeRecords } from "../acme/issue.ts";
import { type ApiAccess, ApiRefusal, ask } from "./api.ts";

/** Seconds: they stand for a moment. */
const TTL = 60;

interface Action {
  id: number;
  status: "running" | "success" | "error";
  error: { message: string } | null;
}

/**
 * Texts in a zone at Hetzner, under a name of the node's own: what an earlier one left there goes first. They bear the
 * node's labels, so that a killed process leaves nothing that its guard and the reaper don't find.
 */
export function challengeRecords(
  access: ApiAccess,
  zone: string,
  labels: Readonly<Record<string, string>>,
): ChallengeRecords {
  return {
    async saying(name, texts, work) {
      const own = relative(name, zone);
      const set = `/zones/${zone}/rrsets/${own}/TXT`;
      await gone(access, set);
      const records = texts.map((text) => ({ value: `"${text}"` }));
      const body = { name: own, type: "TXT", ttl: TTL, records, labels };
      try {
        const { action } = await ask<{ action: Action }>(access, `POST /zones/${zone}/rrsets`, { body });
        await done(access, action);
        return await work();
      } finally {
        await gone(access, set);
      }
    },
  };
}

/** A name as a zone's record sets have it. @throws InfraError for one that is not in the zone */
export function relative(name: string, zone: string): string {
  if (name.endsWith(`.${zone}`)) return name.slice(0, -zone.length - 1);
  throw new InfraError(`${name} is not in the zone ${zone}`);
}

async function gone(access: ApiAccess, set: string): Promise<void> {
  try {
    await done(access, (await ask<{ action: Action }>(access, `DELETE ${set}`)).action);
  } catch (error) {
    if (!(error instanceof ApiRefusal) || error.status !== 404) throw error;
  }
}

/** The zone's name servers say what was changed. */
async function done(access: ApiAccess, { id }: Action): Promise<void> {
  await until(
    async () => {
      const { action } = await ask<{ action: Action }>(access, `GET /actions/${id}`);
      if (action.status === "error") throw new InfraError(`Hetzner: the zone's records: ${action.error?.message}`);
      return action.status === "success" ? { done: true, value: undefined } : { done: false, reason: action.status };
    },
    { what: "the zone's name servers", deadline: "5 min", every: "200 ms" },
  );
}
