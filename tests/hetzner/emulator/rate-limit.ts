import { systemClock } from "../../../lib/clock.ts";
import { tooManyRequests } from "./controls.ts";

/** Requests an hour and project. One comes back every second. */
const LIMIT = 3600;

/** The requests that one project has left. */
export class RateLimit {
  #left = LIMIT;
  #seen = systemClock.now();

  /** Leaves no more than so many. */
  drain(left = 0): void {
    this.#left = left;
  }

  /** Counts one request. @throws ApiError 429 when none is left */
  take(): void {
    this.#refill();
    if (this.#left < 1) throw tooManyRequests(1);
    this.#left -= 1;
  }

  headers(): Record<string, string> {
    return {
      "RateLimit-Limit": String(LIMIT),
      "RateLimit-Remaining": String(Math.floor(this.#left)),
      "RateLimit-Reset": String(Math.ceil(Date.now() / 1000 + LIMIT - this.#left)),
    };
  }

  #refill(): void {
    const now = systemClock.now();
    this.#left = Math.min(LIMIT, this.#left + (now - this.#seen) / 1000);
    this.#seen = now;
  }
}
