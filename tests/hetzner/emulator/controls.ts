import { systemClock } from "../../../lib/clock.ts";
import { ActionFailure } from "./actions.ts";
import { ApiError } from "./api/api-error.ts";

/** How a server's private interface comes: with its action, some time later, only after a reboot, or not at all. */
export type PrivateInterface = "at once" | { afterMs: number } | "after reboot" | "never";

interface Refusal {
  error: ApiError;
  concerns: (request: string) => boolean;
  lasts: () => boolean;
}

/** Where an action waits until somebody lets it on. */
class Gate {
  open = (): void => undefined;
  readonly opened = new Promise<void>((resolve) => {
    this.open = resolve;
  });
}

/** What a test can make the API do that it does of itself on a bad day. All of it in this process, nothing by HTTP. */
export class Controls {
  /** Milliseconds that an action takes. */
  actionMs = 20;
  privateInterface: PrivateInterface = "at once";
  /** Servers that a project may have. */
  serverLimit = Number.POSITIVE_INFINITY;

  readonly #signal: AbortSignal;
  readonly #paces = new Map<string, number>();
  readonly #holds = new Map<string, Gate>();
  readonly #failures: { command: string; failure: ActionFailure }[] = [];
  readonly #refusals: Refusal[] = [];
  readonly #soldOut = new Set<string>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener("abort", () => {
      for (const gate of this.#holds.values()) gate.open();
    });
  }

  /** The next action with this command ends with an error. */
  failNext(command: string, code = "action_failed", message = `${command} failed`): void {
    this.#failures.push({ command, failure: new ActionFailure(code, message) });
  }

  /** Actions with this command take so long from now on. */
  slow(command: string, ms: number): void {
    this.#paces.set(command, ms);
  }

  /** Actions with this command stay at their last step until the function that this gives is called. */
  hold(command: string): () => void {
    const gate = new Gate();
    this.#holds.set(command, gate);
    return () => {
      this.#holds.delete(command);
      gate.open();
    };
  }

  /** Nobody can order the type there from now on, in every location or in one. */
  sellOut(serverType: string, location = "*"): void {
    this.#soldOut.add(`${serverType}@${location}`);
  }

  restock(serverType: string, location = "*"): void {
    this.#soldOut.delete(`${serverType}@${location}`);
  }

  isSoldOut(serverType: string, location: string): boolean {
    return this.#soldOut.has(`${serverType}@${location}`) || this.#soldOut.has(`${serverType}@*`);
  }

  /** Answers the next requests with an error. `concerns` gets `METHOD /path`; by default it is every request. */
  refuseNext(times: number, error: ApiError, concerns: Refusal["concerns"] = () => true): void {
    let left = times;
    this.#refusals.push({ error, concerns, lasts: () => left-- > 0 });
  }

  /** Answers every request with an error for a time. */
  refuseFor(ms: number, error: ApiError, concerns: Refusal["concerns"] = () => true): void {
    const end = systemClock.now() + ms;
    this.#refusals.push({ error, concerns, lasts: () => systemClock.now() < end });
  }

  /** The error that a request is answered with, whatever it asks for. */
  refusalOf(request: string): ApiError | undefined {
    return this.#refusals.find(({ concerns, lasts }) => concerns(request) && lasts())?.error;
  }

  /** The failure that was ordered for an action, once. */
  takeFailure(command: string): ActionFailure | undefined {
    const index = this.#failures.findIndex((one) => one.command === command);
    return index === -1 ? undefined : this.#failures.splice(index, 1)[0]?.failure;
  }

  /** Lets an action's time pass, in equal steps. */
  async pace(command: string, steps: number, onStep: (step: number) => void): Promise<void> {
    const ms = this.#paces.get(command) ?? this.actionMs;
    for (let step = 0; step < steps; step++) {
      await systemClock.sleep(ms / steps, this.#signal);
      onStep(step);
    }
    await this.#holds.get(command)?.opened;
  }

  /** Waits as long as the private interface is late; false where it does not come. */
  async privateInterfaceComes(): Promise<boolean> {
    const how = this.privateInterface;
    if (typeof how === "object") await systemClock.sleep(how.afterMs, this.#signal);
    return how === "at once" || typeof how === "object";
  }
}

/** Too many requests: to be asked again after so many seconds. */
export function tooManyRequests(retryAfterSeconds: number): ApiError {
  return new ApiError(429, "rate_limit_exceeded", "limit of requests per hour reached", {
    headers: { "Retry-After": String(retryAfterSeconds) },
  });
}

/** The API is down. */
export function serviceUnavailable(): ApiError {
  return new ApiError(503, "unavailable", "service is temporarily unavailable");
}
