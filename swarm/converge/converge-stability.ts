import type { Swarm } from "../client.ts";
import { type Judgement, lastChange, type ServiceView } from "./converge-judge.ts";

/** Milliseconds to add to this machine's clock to get the engine's. */
export async function engineClockOffset(swarm: Swarm): Promise<number> {
  const { SystemTime }: { SystemTime: string } = await swarm.docker.info();
  return Date.parse(SystemTime) - Date.now();
}

/** Counts from the last change on, also from one before the watch began: what already stood still need not again. */
export class Stability {
  readonly #stableMs: number;
  readonly #offset: number;
  #seen?: string;
  #changed = 0;

  constructor(stableMs: number, offset: number) {
    this.#stableMs = stableMs;
    this.#offset = offset;
  }

  /** Milliseconds still to wait; infinite while something is not settled. */
  remaining(views: readonly ServiceView[], judgements: readonly Judgement[]): number {
    const now = Date.now() + this.#offset;
    const seen = JSON.stringify(views.map(signature));
    if (this.#seen !== undefined && this.#seen !== seen) this.#changed = now;
    this.#seen = seen;
    const changes = judgements.map((judgement) => {
      return judgement.settled ? lastChange(judgement.tasks) : Number.POSITIVE_INFINITY;
    });
    return Math.max(this.#changed, ...changes) + this.#stableMs - now;
  }
}

/** Tasks only: Swarm calls an update completed some seconds after its tasks stand, which changes nothing. */
function signature({ tasks }: ServiceView): unknown {
  return tasks.map((task) => [task.ID, task.DesiredState, task.Status.State, task.Status.Timestamp]);
}
