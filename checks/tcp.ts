import type { Duration } from "../lib/duration.ts";
import { until } from "../lib/until.ts";
import type { CheckFunction } from "./check.ts";
import { namedService } from "./named-service.ts";

export interface TcpExpectation {
  /** Service key. Default `app`. */
  service?: string;
  port: number;
  /** Connections in a row that must succeed: one may reach a process about to die. Default 3. */
  times?: number;
  /** Default `30 s`. */
  within?: Duration;
}

/** A service accepts TCP connections, several times in a row. */
export function tcpAccepts(expectation: TcpExpectation): CheckFunction {
  return async (context) => {
    const key = expectation.service ?? "app";
    const service = namedService(context.app, key);
    const times = expectation.times ?? 3;
    const address = `${service.name}:${expectation.port}`;
    let inRow = 0;
    await until(
      async () => {
        const refused = await context.probe.tcp(service.name, expectation.port, context.signal);
        inRow = refused ? 0 : inRow + 1;
        return inRow >= times
          ? { done: true, value: undefined }
          : { done: false, reason: refused ?? `${inRow} of ${times} connections` };
      },
      {
        what: `TCP ${address}`,
        deadline: expectation.within ?? "30 s",
        owner: "recipe",
        every: "100 ms",
        signal: context.signal,
        clock: context.clock,
      },
    );
    return { summary: `${times} connections to ${address}`, details: { address, times } };
  };
}
