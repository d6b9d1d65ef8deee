import { InfraError } from "../lib/errors.ts";
import { tooBusy } from "../swarm/starved.ts";
import type { CheckContext } from "./check.ts";
import { CheckFailure } from "./check-failure.ts";

/** What was seen of the node when somebody's patience with an app was over. */
export interface Overdue extends Disposable {
  /** Why the app is late through the node's fault, one line; undefined where it is not, or was there in time. */
  readonly busy: Promise<string | undefined> | undefined;
}

/**
 * Looks at the node in the moment in which operators' tools give up, while the app still starts: once it is up, nobody
 * can tell why that took so long.
 */
export function lookWhenOver({ seconds }: { seconds: number }, context: Pick<CheckContext, "swarm" | "run">): Overdue {
  let busy: Overdue["busy"];
  const look = () => {
    // What can't be looked at is no excuse.
    busy = tooBusy(context.swarm, context.run).catch(() => undefined);
  };
  const timer = setTimeout(look, seconds * 1000);
  return {
    get busy() {
      return busy;
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}

/** Whose failure it is that an app was late: the node's where others had the processors that it wanted. */
export async function lateness(late: string, { busy }: Overdue, details?: Record<string, unknown>) {
  const why = await busy;
  if (why === undefined) return new CheckFailure(late, { details });
  return new InfraError(`${late}; then ${why}`, { remedy: "run again when less goes on beside it" });
}
