import type { Duration } from "../lib/duration.ts";
import { until } from "../lib/until.ts";
import type { CheckFunction } from "./check.ts";
import { namedService } from "./named-service.ts";

export interface UdpExpectation {
  /** Service key. Default `app`. */
  service?: string;
  port: number;
  /** What is sent: UDP has no connections, only a protocol's own question gets an answer. */
  send: Uint8Array;
  /** Why an answer is not the right one; undefined or true for one that is. Default: any answer is. */
  answer?: (message: Buffer) => true | string | undefined;
  /** Default `30 s`. */
  within?: Duration;
}

/** A service answers a datagram. */
export function udpAnswers({ service: key = "app", port, send, answer, within }: UdpExpectation): CheckFunction {
  return async ({ app, probe, signal, clock }) => {
    const address = `${namedService(app, key).name}:${port}`;
    const bytes = await until(
      async () => {
        const message = await probe.udp(namedService(app, key).name, port, send, signal);
        if (message.length === 0) return { done: false, reason: "no answer" };
        const wrong = answer?.(message) ?? true;
        return wrong === true ? { done: true, value: message.length } : { done: false, reason: wrong };
      },
      { what: `UDP ${address}`, deadline: within ?? "30 s", owner: "recipe", signal, clock },
    );
    return { summary: `${bytes} bytes from ${address}`, details: { address, bytes } };
  };
}
