import { request as httpRequest, type IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { type TLSSocket, connect as tlsConnect } from "node:tls";
import { messageOf } from "../../lib/errors.ts";
import type { Entry } from "../../swarm/entry/find.ts";
import { isEndless, type ProbeRequest, type ProbeResponse } from "../probe.ts";

/** Bytes of an answer's body that are kept, as of a probe's. */
const MOST_BYTES = 256 << 10;

/** What came back by the way that users' requests take. */
export interface EntryResponse extends ProbeResponse {
  /** What was shown for the name. Undefined where there was no TLS. */
  certificate?: ShownCertificate;
  /** Nothing answers at the entry at all, or what it shows does not hold for the name. */
  refused?: "connection" | "certificate";
}

/** A certificate as far as it is told. */
export interface ShownCertificate {
  subject: string;
  issuer: string;
  /** Names that it holds for. */
  names: string;
}

/**
 * Asks an app as its users do: from outside of the node, by the name in the URL, over TLS. Where that name leads is not
 * asked of any name server: to the node's Traefik. Its certificate must hold for the name and be signed by the node's
 * authority; where it does not, nothing is sent. Redirects are not followed.
 */
export async function askEntry(entry: Entry, request: ProbeRequest, signal?: AbortSignal): Promise<EntryResponse> {
  const started = performance.now();
  const timeout = AbortSignal.timeout((request.timeoutSeconds ?? 5) * 1000);
  const ended = signal ? AbortSignal.any([timeout, signal]) : timeout;
  const url = new URL(request.url);
  let socket: TLSSocket | undefined;
  let certificate: ShownCertificate | undefined;
  const answer = (more: Partial<EntryResponse>): EntryResponse => {
    const durationMs = performance.now() - started;
    return { status: 0, contentType: "", body: "", headers: {}, durationMs, ...more };
  };
  try {
    socket = await handshake(entry, url.hostname, ended);
    // Now: a socket that was given up tells nothing any more.
    certificate = shown(socket);
    if (!socket.authorized) {
      const error = `the certificate does not hold for ${url.hostname}: ${distrust(socket, certificate)}`;
      return answer({ error, refused: "certificate", certificate });
    }
    return answer({ ...(await exchange(socket, url, request, ended, () => timeout.aborted)), certificate });
  } catch (error) {
    signal?.throwIfAborted();
    const said = timeout.aborted ? `no answer within ${request.timeoutSeconds ?? 5} s` : messageOf(error);
    if (socket) return answer({ error: said, certificate });
    return answer({ error: `${entry.address}:${entry.port}: ${said}`, refused: "connection" });
  } finally {
    socket?.destroy();
  }
}

/** What is shown for a name, whoever signed it. @throws where there is no TLS within 5 s */
export async function certificateAt(entry: Entry, name: string, signal: AbortSignal): Promise<ShownCertificate> {
  const socket = await handshake(entry, name, AbortSignal.any([signal, AbortSignal.timeout(5000)]));
  try {
    return shown(socket);
  } finally {
    socket.destroy();
  }
}

function handshake({ address, port, ca }: Entry, name: string, signal: AbortSignal): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    // Judged by us, so that it can be told what was shown.
    const options = { host: address, port, ca, rejectUnauthorized: false, ALPNProtocols: ["http/1.1"] };
    const socket = tlsConnect({ ...options, ...(isIP(name) === 0 && { servername: name }) });
    const abort = () => socket.destroy(new Error("given up"));
    signal.addEventListener("abort", abort, { once: true });
    socket.once("close", () => signal.removeEventListener("abort", abort));
    socket.once("error", reject);
    socket.once("secureConnect", () => {
      socket.off("error", reject);
      // Whoever reads from it is told; nobody may be.
      socket.on("error", () => undefined);
      resolve(socket);
    });
  });
}

async function exchange(
  socket: TLSSocket,
  url: URL,
  { method = "GET", headers = {}, body }: ProbeRequest,
  signal: AbortSignal,
  isLate: () => boolean,
): Promise<Partial<EntryResponse>> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const path = `${url.pathname}${url.search}`;
    const all = { Host: url.hostname, Connection: "close", ...headers };
    const sent = httpRequest({ createConnection: () => socket, method, path, headers: all, signal }, resolve);
    sent.once("error", reject);
    sent.end(body);
  });
  const pieces: Buffer[] = [];
  let size = 0;
  const contentType = response.headers["content-type"] ?? "";
  try {
    for await (const piece of response) {
      pieces.push(piece as Buffer);
      size += (piece as Buffer).length;
      if (size >= MOST_BYTES) break;
    }
  } catch (error) {
    if (!isLate() || !isEndless(contentType)) throw error;
  }
  return {
    status: response.statusCode ?? 0,
    contentType,
    headers: headersOf(response),
    body: Buffer.concat(pieces).subarray(0, MOST_BYTES).toString(),
  };
}

function headersOf({ headersDistinct }: IncomingMessage): Record<string, string[]> {
  return Object.fromEntries(Object.entries(headersDistinct).map(([name, values = []]) => [name, values]));
}

function distrust({ authorizationError }: TLSSocket, { subject, names }: ShownCertificate): string {
  const code = String(authorizationError).replace(/^Error: /, "");
  return `${code}; shown: ${subject}${names ? `, for ${names}` : ""}`;
}

function shown(socket: TLSSocket): ShownCertificate {
  const { subject, issuer, subjectaltname = "" } = socket.getPeerCertificate();
  return {
    subject: String(subject?.CN ?? ""),
    issuer: String(issuer?.CN ?? ""),
    names: subjectaltname.replaceAll("DNS:", ""),
  };
}
