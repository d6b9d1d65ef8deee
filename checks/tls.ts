import { once } from "node:events";
import { connect, type TLSSocket } from "node:tls";
import type { Duration } from "../lib/duration.ts";
import { messageOf } from "../lib/errors.ts";
import { until } from "../lib/until.ts";
import type { CheckContext, CheckFunction } from "./check.ts";
import { CheckFailure } from "./check-failure.ts";
import { namedService } from "./named-service.ts";

export interface TlsExpectation {
  /** Service key. Default `app`. */
  service?: string;
  port: number;
  /** Default `30 s`. */
  within?: Duration;
}

/** Longest time of one handshake. */
const HANDSHAKE_MS = 10_000;

/** A service completes a TLS handshake, whoever its certificate is from: servers that bring their own sign it, too. */
export function tlsAccepts({ service: key = "app", port, within = "30 s" }: TlsExpectation): CheckFunction {
  return async (context) => {
    const service = namedService(context.app, key);
    const address = `${service.name}:${port}`;
    return until(
      async () => {
        try {
          const socket = await openTls(context, service.name, port);
          const [protocol, subject] = [socket.getProtocol(), socket.getPeerCertificate().subject?.CN];
          socket.destroy();
          const summary = `${protocol} with ${address}${subject ? `, certificate of ${subject}` : ""}`;
          return { done: true, value: { summary, details: { address, protocol, subject } } };
        } catch (error) {
          context.signal.throwIfAborted();
          if (!(error instanceof CheckFailure)) throw error;
          return { done: false, reason: error.message };
        }
      },
      { what: `TLS ${address}`, deadline: within, owner: "recipe", signal: context.signal, clock: context.clock },
    );
  };
}

/**
 * A TLS connection through the probe: what is spoken is between the runner and the app, no program in between reads it.
 * @throws CheckFailure when the handshake fails
 */
export async function openTls({ probe, signal }: CheckContext, host: string, port: number): Promise<TLSSocket> {
  const socket = connect({ socket: await probe.open(host, port, signal), rejectUnauthorized: false });
  // An error after the handshake is for who reads, and no reason for the process to end.
  socket.on("error", () => undefined);
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(HANDSHAKE_MS)]);
    await Promise.race([once(socket, "secureConnect", { signal: limit }), closed(socket, limit)]);
    return socket;
  } catch (error) {
    socket.destroy();
    signal.throwIfAborted();
    throw new CheckFailure(`no TLS handshake with ${host}:${port}: ${messageOf(error)}`);
  }
}

async function closed(socket: TLSSocket, signal: AbortSignal): Promise<never> {
  await once(socket, "close", { signal });
  throw new Error("the connection ended");
}
