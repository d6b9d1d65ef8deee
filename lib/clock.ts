import { setTimeout as delay } from "node:timers/promises";

/** Time as the code sees it, so that tests can turn it by hand. Milliseconds. */
export interface Clock {
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's own clock. `sleep` rejects with the signal's reason when aborted. */
export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: async (ms, signal) => {
    try {
      await delay(ms, undefined, { signal });
    } catch (error) {
      throw signal?.reason ?? error;
    }
  },
};
