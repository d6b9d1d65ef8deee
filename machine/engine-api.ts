import { request } from "node:http";
import { InfraError } from "../lib/errors.ts";

export interface EngineAnswer<T> {
  status: number;
  body: T;
}

/** Bytes read of one answer. */
const ANSWER_LIMIT = 8 << 20;

/** What `GET /info` of the Docker Engine says, as far as a node needs it. */
export interface EngineInfo {
  ServerVersion: string;
  MemoryLimit: boolean;
  CpuCfsQuota: boolean;
  PidsLimit: boolean;
  Driver: string;
  Swarm: {
    LocalNodeState: "inactive" | "pending" | "active" | "error" | "locked";
    ControlAvailable: boolean;
    NodeID: string;
    NodeAddr: string;
    Error?: string;
  };
}

/** A failed connection, a timeout, or an answer that is no JSON. */
export class EngineUnreachable extends Error {
  override readonly name = "EngineUnreachable";
}

/**
 * One request to a Docker Engine on a unix socket: a machine needs half a dozen, before there is anything that a whole
 * client could talk to. In the engine's own API version, since Docker 20.10 and 29 share none, and what is read here
 * is the same in all of them.
 *
 * @param timeout milliseconds; default 5000
 * @throws EngineUnreachable when there is no answer; the status is for the caller to judge.
 */
export function engineRequest<T>(
  socketPath: string,
  method: "GET" | "POST" | "DELETE",
  path: string,
  { body, timeout = 5000 }: { body?: unknown; timeout?: number } = {},
): Promise<EngineAnswer<T>> {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const headers = payload === undefined ? {} : { "content-type": "application/json" };
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(new EngineUnreachable(`${socketPath}: ${error.message}`, { cause: error }));
    const call = request({ socketPath, method, path, headers, signal: AbortSignal.timeout(timeout) }, (response) => {
      const pieces: Buffer[] = [];
      let size = 0;
      response.on("data", (piece: Buffer) => {
        size += piece.length;
        if (size > ANSWER_LIMIT) call.destroy(new Error("answer too long"));
        pieces.push(piece);
      });
      response.on("error", fail);
      response.on("end", () => {
        try {
          const text = Buffer.concat(pieces).toString();
          resolve({ status: response.statusCode ?? 0, body: (text ? JSON.parse(text) : undefined) as T });
        } catch (error) {
          fail(error as Error);
        }
      });
    });
    call.on("error", fail);
    call.end(payload);
  });
}

/** Like {@link engineRequest}, for an answer with a body that must be a success. @throws InfraError */
export async function engineCall<T>(
  socketPath: string,
  method: "GET" | "POST" | "DELETE",
  path: string,
  options: { body?: unknown; timeout?: number } = {},
): Promise<T> {
  const { status, body } = await engineRequest<T & { message?: string }>(socketPath, method, path, options);
  if (status >= 200 && status < 300) return body;
  throw new InfraError(`Docker Engine: ${method} ${path}: ${status} ${body?.message ?? ""}`.trim());
}

/** The engine's own account of itself. */
export function engineInfo(socketPath: string): Promise<EngineInfo> {
  return engineCall<EngineInfo>(socketPath, "GET", "/info");
}
